#pragma once
#include "twistdpp/app/reopen_hooks.h"
#include "twistdpp/base/result.h"
#include "twistdpp/reactor/reactor.h"

#include <cstdint>
#include <memory>
#include <string>

namespace twistdpp {

/// One access log file of the process, whichever services and reactors write to it. A thread of its own does
/// the writing, from the first line on, so that a slow disk holds up no reactor. At most 8 MiB wait for it;
/// what comes on top is dropped, counted and told in the daemon's log. Opened anew by SIGUSR1. Any thread.
class AccessLogFile : public ReopenHook {
public:
    /// "-" is the standard output. The same path gives the same object while someone holds it.
    static Result<std::shared_ptr<AccessLogFile>> open(const std::string& path);

    /// Takes whole lines, `count` of them.
    virtual void submit(std::string lines, std::uint64_t count) = 0;
    /// Lines that were not written: the queue or the disk was full.
    virtual std::uint64_t dropped() const = 0;
};

/// One reactor's end of it: lines are gathered and handed over once a second or every 64 KiB, and on
/// destruction. Belongs to its reactor's thread.
class AccessLog {
public:
    AccessLog(Reactor& reactor, std::shared_ptr<AccessLogFile> file);
    ~AccessLog();

    /// Where to append the next line; then call lineDone(), which adds the newline. Spares a copy.
    std::string& buffer() noexcept { return buffer_; }
    void lineDone();
    /// One line without its newline. What came from a client must have been escaped (appendEscaped).
    void line(Bytes text) {
        buffer_.append(text);
        lineDone();
    }
    void flush();

private:
    std::shared_ptr<AccessLogFile> file_;
    std::string buffer_;
    std::uint64_t lines_ = 0;
    TimerNode timer_;
};

} // namespace twistdpp
