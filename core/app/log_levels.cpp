#include "twistdpp/app/log_levels.h"

#include "twistdpp/base/ascii.h"

#include <algorithm>
#include <array>

namespace twistdpp {

namespace {

constexpr std::array<Bytes, 5> kNames{"debug", "info", "warn", "error", "critical"};

bool covers(Bytes outer, Bytes name) noexcept {
    return name.starts_with(outer) && (name.size() == outer.size() || name[outer.size()] == '.');
}

LogLevel shifted(LogLevel level, int steps) noexcept {
    return static_cast<LogLevel>(
        std::clamp(static_cast<int>(level) + steps, 0, static_cast<int>(LogLevel::critical))
    );
}

} // namespace

Bytes logLevelName(LogLevel level) noexcept {
    return kNames[static_cast<std::size_t>(level)];
}

Result<LogLevel> parseLogLevel(Bytes text) {
    const std::string lower = ascii::toLower(text);
    if (lower == "warning")
        return LogLevel::warn;
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        if (kNames[i] == lower)
            return static_cast<LogLevel>(i);
    }
    return Error("is no log level; there are debug, info, warn, error and critical");
}

Result<void> LogLevels::add(Bytes setting) {
    const auto equals = setting.find('=');
    auto level = parseLogLevel(equals == Bytes::npos ? setting : setting.substr(equals + 1));
    if (!level)
        return std::move(level).error();
    if (equals == Bytes::npos) {
        fallback = *level;
        return {};
    }
    if (equals == 0)
        return Error("has no namespace before the '='");
    exceptions_.push_back({std::string(setting.substr(0, equals)), *level});
    return {};
}

LogLevel LogLevels::levelOf(Bytes name) const noexcept {
    const Exception* best = nullptr;
    for (const Exception& each : exceptions_) {
        if (covers(each.name, name) && (!best || each.name.size() >= best->name.size()))
            best = &each;
    }
    return best ? best->level : fallback;
}

bool LogLevels::wants(LogLevel level, Bytes name) const noexcept {
    return level >= levelOf(name);
}

void LogLevels::shift(int steps) noexcept {
    fallback = shifted(fallback, steps);
    for (Exception& each : exceptions_)
        each.level = shifted(each.level, steps);
}

} // namespace twistdpp
