#pragma once
#include "twistdpp/base/bytes.h"

namespace twistdpp {

enum class LogLevel { debug, info, warn, error, critical };

/// Where log lines go. The daemon's logger is one; a test's recorder is another. write() may be called from
/// any thread, and must neither block for long nor throw.
class LogSink {
public:
    virtual ~LogSink() = default;
    /// Whether a line would be kept, so that the caller can spare the work of making it.
    virtual bool wants(LogLevel level, Bytes name) const noexcept = 0;
    /// One record. `name` is the dotted namespace ("net.tcp"); `text` is one line without its newline.
    virtual void write(LogLevel level, Bytes name, Bytes text) noexcept = 0;
};

/// Replaces the process's sink and returns the one before; nullptr stands for the default, which prints
/// warnings and worse on stderr. The caller keeps ownership and must put another in before it destroys it.
LogSink* setLogSink(LogSink* sink) noexcept;

bool logWanted(LogLevel level, Bytes name) noexcept;
void logLine(LogLevel level, Bytes name, Bytes text) noexcept;

} // namespace twistdpp
