#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/base/unique_fd.h"
#include "twistdpp/daemon/exit_code.h"
#include "twistdpp/reactor/hand_over.h"

#include <string>

namespace twistdpp {

/// The file that names the running daemon, and the lock that keeps a second one from starting. The lock
/// (flock) is on the open file and lasts exactly as long as a process that holds it: what an old file says,
/// whether that process lives, is a zombie or is someone else by now, does not matter. The text is for people
/// and scripts.
class Pidfile {
public:
    Pidfile() = default;
    /// Makes or takes over the file and locks it; links are not followed. alreadyRunning when another holds
    /// it. With `handOver` the lock of the process before is taken over, and this one can be left to the
    /// next.
    static Result<Pidfile, StartFailure> lock(const std::string& path, HandOver* handOver = nullptr);

    /// Writes this process's id. A forked child shares the lock and writes its own.
    Result<void, StartFailure> write();
    /// Removes the file, or empties it where the daemon may not (it has become another user), and lets go of
    /// it. Works in a chroot. A file that is another process's by now stays as it is.
    void remove() noexcept;
    /// Forgets the file without touching it: for the parent of the process that goes on.
    void abandon() noexcept;

    explicit operator bool() const noexcept { return static_cast<bool>(file_); }
    const std::string& path() const noexcept { return path_; }

private:
    std::string path_, leaf_;
    UniqueFd folder_, file_;
    HandOver::Entry handOver_; // leaves before the descriptor is closed
};

} // namespace twistdpp
