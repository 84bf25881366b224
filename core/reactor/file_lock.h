#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/base/unique_fd.h"
#include "twistdpp/reactor/hand_over.h"

#include <string>

namespace twistdpp {

/// Says that this process is the one that serves something (a unix socket's path, a database): a file that is
/// locked (flock) as long as this lives. The lock dies with the process, so a crash leaves nothing that keeps
/// the next one out. The file is removed at the end. Any thread.
class FileLock {
public:
    /// `path` is the lock's own file, made when it is not there. The error is EADDRINUSE when another process
    /// holds it, ELOOP when it is a symbolic link. With `handOver` a lock that the process before left is
    /// taken over, and this one can be left to the next.
    static Result<FileLock> acquire(const std::string& path, HandOver* handOver = nullptr);
    /// Whether some process holds it.
    static bool held(const std::string& path);
    FileLock(FileLock&&) noexcept = default;
    FileLock& operator=(FileLock&&) = delete;
    ~FileLock();

private:
    FileLock(UniqueFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

    static bool names(const std::string& path, int fd);

    UniqueFd fd_;
    std::string path_;
    HandOver::Entry handOver_;
};

} // namespace twistdpp
