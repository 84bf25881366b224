#pragma once
#include "twistdpp/base/log.h"
#include "twistdpp/base/result.h"

#include <string>
#include <vector>

namespace twistdpp {

/// "debug", "info", "warn", "error", "critical".
Bytes logLevelName(LogLevel level) noexcept;
Result<LogLevel> parseLogLevel(Bytes text);

/// What is logged: one level for all, and exceptions by dotted namespace. "web" covers "web" and "web.http";
/// the longest match decides.
class LogLevels {
public:
    LogLevel fallback = LogLevel::info;

    /// Takes one --log-level: "debug" or "web.http=debug".
    Result<void> add(Bytes setting);
    bool wants(LogLevel level, Bytes name) const noexcept;
    LogLevel levelOf(Bytes name) const noexcept;
    /// One step more (-1) or less (+1) for everything; stays within the scale.
    void shift(int steps) noexcept;

private:
    struct Exception {
        std::string name;
        LogLevel level;
    };
    std::vector<Exception> exceptions_;
};

} // namespace twistdpp
