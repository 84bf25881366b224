#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/base/unique_fd.h"
#include "twistdpp/reactor/hand_over.h"

#include <string>

namespace twistdpp::detail {

/// Says that this process serves a unix socket's path: a file "PATH.lock" that is locked (flock) as long as
/// this lives. The lock dies with the process, so a crash leaves nothing that keeps the next one out. The
/// file is removed at the end.
class UnixLock {
public:
    /// The error says that another process holds it. With `handOver` a lock that the process before left is
    /// taken over, and this one can be left to the next.
    static Result<UnixLock> acquire(const std::string& socketPath, HandOver* handOver = nullptr);
    /// Whether some process holds it, for clients.
    static bool held(const std::string& socketPath);
    UnixLock(UnixLock&&) noexcept = default;
    UnixLock& operator=(UnixLock&&) = delete;
    ~UnixLock();

private:
    UnixLock(UniqueFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

    static bool names(const std::string& path, int fd);

    UniqueFd fd_;
    std::string path_;
    HandOver::Entry handOver_;
};

} // namespace twistdpp::detail
