/// Preloaded into a daemon: lets the system call that the file named by TWISTDPP_FAULT names fail with EIO,
/// as a disk does that is about to die. Without that file all is well.
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

bool fails(const char* call) noexcept {
    const char* path = std::getenv("TWISTDPP_FAULT");
    const long fd = path ? ::syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return false;
    char text[32] = {};
    const long got = ::syscall(SYS_read, fd, text, sizeof(text) - 1);
    ::syscall(SYS_close, fd);
    if (got <= 0 || std::strcmp(text, call) != 0)
        return false;
    errno = EIO;
    return true;
}

} // namespace

extern "C" {

int fdatasync(int fd) {
    return fails("fdatasync") ? -1 : static_cast<int>(::syscall(SYS_fdatasync, fd));
}

int fsync(int fd) {
    return fails("fsync") ? -1 : static_cast<int>(::syscall(SYS_fsync, fd));
}

int syncfs(int fd) noexcept {
    return fails("syncfs") ? -1 : static_cast<int>(::syscall(SYS_syncfs, fd));
}

ssize_t pwrite(int fd, const void* data, size_t size, off_t at) {
    return fails("pwrite") ? -1 : static_cast<ssize_t>(::syscall(SYS_pwrite64, fd, data, size, at));
}

ssize_t pwrite64(int fd, const void* data, size_t size, off_t at) {
    return pwrite(fd, data, size, at);
}
}
