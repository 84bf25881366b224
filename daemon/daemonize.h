#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/base/unique_fd.h"
#include "twistdpp/daemon/exit_code.h"

#include <string>
#include <sys/types.h>

namespace twistdpp {

/// The daemon's end of the pipe to the process that the user started. Until report() the daemon keeps the
/// terminal's standard error; without one (foreground) it does nothing.
class ReadyPipe {
public:
    ReadyPipe() = default;
    bool background() const noexcept { return background_; }

    /// Ready: the starter prints `message` and exits with 0. The daemon lets go of the terminal.
    void ready(const std::string& message);
    /// It will not run: the starter prints the whole message on stderr and exits with the code. True when a
    /// starter was there to do that.
    bool failed(const StartFailure& failure);

private:
    friend Result<ReadyPipe, StartFailure> daemonize(const std::string& logPath);
    void send(ExitCode code, const std::string& message);

    UniqueFd end_, null_;
    bool background_ = false;
};

/// Forks into the background, twice, with a session of its own. Only the daemon returns; the process that the
/// user started waits for what it reports and exits with that. Call it before any thread or reactor exists:
/// libuv's loops do not survive a fork. `logPath` is named when the daemon dies without a word.
Result<ReadyPipe, StartFailure> daemonize(const std::string& logPath);

/// The sockets of LISTEN_FDS that were meant for process `started` are this one's: LISTEN_PID says so from
/// here on.
void adoptListenFds(pid_t started);

} // namespace twistdpp
