#include "twistdpp/reactor/file_lock.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace twistdpp {

bool FileLock::names(const std::string& path, int fd) {
    struct stat held {};
    struct stat named {};
    return ::fstat(fd, &held) == 0 && ::stat(path.c_str(), &named) == 0 && held.st_ino == named.st_ino &&
           held.st_dev == named.st_dev;
}

Result<FileLock> FileLock::acquire(const std::string& path, HandOver* handOver) {
    const auto made = [&](UniqueFd fd, bool inherited) {
        FileLock lock(std::move(fd), path);
        if (handOver) {
            HandOver::Item item(HandOver::Kind::lock, lock.fd_.get());
            item.path = path;
            lock.handOver_ = handOver->enter(std::move(item), inherited);
        }
        return lock;
    };
    if (UniqueFd left = handOver ? handOver->takeLock(path) : UniqueFd(); left && names(path, left.get()))
        return made(std::move(left), true);
    // Whoever held the lock before may remove the file between our open() and flock(): then it is not the
    // lock any more.
    for (int attempt = 0; attempt < 16; ++attempt) {
        UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (!fd && errno == ELOOP)
            return Error::fromErrno(ELOOP, "lock file '" + path + "' is a symbolic link");
        if (!fd)
            return Error::fromErrno(errno, "lock file '" + path + "'");
        if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0)
            return Error::fromErrno(EADDRINUSE, "another process holds '" + path + "'");
        if (names(path, fd.get()))
            return made(std::move(fd), false);
    }
    return Error("lock file '" + path + "' changes all the time");
}

bool FileLock::held(const std::string& path) {
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    return fd && ::flock(fd.get(), LOCK_SH | LOCK_NB) != 0;
}

FileLock::~FileLock() {
    if (fd_ && handOver_.ours())
        ::unlink(path_.c_str());
}

} // namespace twistdpp
