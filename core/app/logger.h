#pragma once
#include "twistdpp/base/log.h"

#include <fmt/core.h>
#include <string>

namespace twistdpp {

/// Writes log lines under one dotted namespace ("web.http"). Cheap to make and to copy; any thread. Below the
/// level of its namespace a call costs a comparison and nothing is formatted.
///
///     log.info("serving {} on {}", path, address);
///
/// Where the lines go and at which level is the business of the LogSink that the daemon or a test put in
/// place.
class Logger {
public:
    explicit Logger(std::string name) : name_(std::move(name)) {}

    /// The logger of a part of this one: "web" -> "web.http".
    Logger child(Bytes part) const { return Logger(name_ + "." + std::string(part)); }
    const std::string& name() const noexcept { return name_; }
    bool wants(LogLevel level) const noexcept { return logWanted(level, name_); }

    template <class... Args>
    void debug(fmt::format_string<Args...> text, Args&&... args) const {
        write(LogLevel::debug, text, fmt::make_format_args(args...));
    }
    template <class... Args>
    void info(fmt::format_string<Args...> text, Args&&... args) const {
        write(LogLevel::info, text, fmt::make_format_args(args...));
    }
    template <class... Args>
    void warn(fmt::format_string<Args...> text, Args&&... args) const {
        write(LogLevel::warn, text, fmt::make_format_args(args...));
    }
    template <class... Args>
    void error(fmt::format_string<Args...> text, Args&&... args) const {
        write(LogLevel::error, text, fmt::make_format_args(args...));
    }
    template <class... Args>
    void critical(fmt::format_string<Args...> text, Args&&... args) const {
        write(LogLevel::critical, text, fmt::make_format_args(args...));
    }
    /// A text that is already made.
    void line(LogLevel level, Bytes text) const noexcept { logLine(level, name_, text); }

private:
    void write(LogLevel level, fmt::string_view text, fmt::format_args args) const noexcept;

    std::string name_;
};

} // namespace twistdpp
