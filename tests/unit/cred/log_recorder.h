#pragma once
#include "twistdpp/base/log.h"

#include <string>
#include <vector>

namespace twistdpp::test {

/// Takes the process's log lines while it lives.
class LogRecorder final : public LogSink {
public:
    LogRecorder() : before_(setLogSink(this)) {}
    ~LogRecorder() override { setLogSink(before_); }

    bool wants(LogLevel, Bytes) const noexcept override { return true; }
    void write(LogLevel, Bytes name, Bytes text) noexcept override {
        lines.push_back(std::string(name) + ": " + std::string(text));
    }
    std::string all() const {
        std::string text;
        for (const std::string& line : lines)
            text += line + "\n";
        return text;
    }

    std::vector<std::string> lines;

private:
    LogSink* before_;
};

} // namespace twistdpp::test
