#pragma once
#include "twistdpp/base/log.h"

#include <mutex>
#include <string>
#include <vector>

namespace twistdpp::test {

/// Keeps the process's log lines while it lives, each as "level name: text", instead of printing them.
class RecordedLog final : public LogSink {
public:
    RecordedLog() : before_(setLogSink(this)) {}
    ~RecordedLog() override { setLogSink(before_); }
    RecordedLog(const RecordedLog&) = delete;
    RecordedLog& operator=(const RecordedLog&) = delete;

    std::vector<std::string> lines() const {
        const std::lock_guard lock(mutex_);
        return lines_;
    }
    /// All lines in one text.
    std::string text() const {
        std::string all;
        for (const std::string& line : lines())
            all += line + "\n";
        return all;
    }

    bool wants(LogLevel, Bytes) const noexcept override { return true; }
    void write(LogLevel level, Bytes name, Bytes text) noexcept override {
        static constexpr const char* kLevels[] = {"debug", "info", "warn", "error", "critical"};
        const std::lock_guard lock(mutex_);
        lines_.push_back(
            std::string(kLevels[static_cast<int>(level)]) + " " + std::string(name) + ": " + std::string(text)
        );
    }

private:
    LogSink* before_;
    mutable std::mutex mutex_;
    std::vector<std::string> lines_;
};

} // namespace twistdpp::test

namespace twistdpp {
using test::RecordedLog;
} // namespace twistdpp
