#pragma once
#include "twistdpp/app/log_levels.h"
#include "twistdpp/app/reopen_hooks.h"
#include "twistdpp/base/log.h"

#include <memory>
#include <string>

namespace twistdpp {

/// Where the daemon's log goes and how its lines look.
struct LogSettings {
    /// A path, or "-" for the standard output. Not used with `syslog`.
    std::string file = "-";
    bool json = false;
    bool syslog = false;
    /// The program's name in front of each syslog line.
    std::string syslogPrefix = "twistdpp";
    LogLevels levels;
    /// Lines that may wait for the writing thread; more are dropped, oldest first, and counted.
    std::size_t queue = 512;
};

/// The log of the process. A text line is `2026-11-23T04:48:25+0000 [namespace#level] text`; a JSON line an
/// object with time, level, severity, namespace, message and pid. Control bytes are escaped in both. A disk
/// that is full is told once on stderr and to syslog; when it has room again, the log says how many lines are
/// missing. A new file gets mode 0640, always.
/// Direct until goAsync(), then by a thread that starts with the first line after it. write() from any
/// thread.
class LogOutput : public LogSink, public ReopenHook {
public:
    /// Opens the file or syslog. The caller puts it in place with setLogSink().
    static Result<std::unique_ptr<LogOutput>> open(LogSettings settings);

    /// From here on write() only queues. Call it after the last fork.
    virtual void goAsync() noexcept = 0;
    /// Writes what is queued and goes back to direct writing; before the process ends.
    virtual void drain() noexcept = 0;
    virtual void setLevels(LogLevels levels) = 0;
    /// One step more (-1) or less (+1) in all namespaces; returns the general level now.
    virtual LogLevel shiftLevels(int steps) = 0;
    /// Lines that found the queue full.
    virtual std::size_t dropped() const noexcept = 0;
    /// Whether lines go to the standard output.
    virtual bool isStandardOutput() const noexcept = 0;
};

} // namespace twistdpp
