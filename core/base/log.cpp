#include "twistdpp/base/log.h"

#include <atomic>
#include <string>
#include <unistd.h>

namespace twistdpp {

namespace {

class StderrSink final : public LogSink {
public:
    bool wants(LogLevel level, Bytes) const noexcept override { return level >= LogLevel::warn; }
    void write(LogLevel, Bytes name, Bytes text) noexcept override {
        std::string line;
        line.append("twistdpp: [").append(name).append("] ").append(text).append("\n");
        [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
    }
};

StderrSink fallback;
std::atomic<LogSink*> current{nullptr};

LogSink& sink() noexcept {
    LogSink* chosen = current.load(std::memory_order_acquire);
    return chosen ? *chosen : fallback;
}

} // namespace

LogSink* setLogSink(LogSink* next) noexcept {
    return current.exchange(next, std::memory_order_acq_rel);
}

bool logWanted(LogLevel level, Bytes name) noexcept {
    return sink().wants(level, name);
}

void logLine(LogLevel level, Bytes name, Bytes text) noexcept {
    if (LogSink& to = sink(); to.wants(level, name))
        to.write(level, name, text);
}

} // namespace twistdpp
