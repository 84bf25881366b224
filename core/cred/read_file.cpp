#include "twistdpp/cred/read_file.h"

#include "twistdpp/base/unique_fd.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace twistdpp {

Result<UniqueFd> openForReading(const std::string& path, struct stat& status) {
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    if (!fd || ::fstat(fd.get(), &status) != 0)
        return Error::fromErrno(errno, "read " + path);
    if (!S_ISREG(status.st_mode))
        return Error("read " + path + ": not a regular file");
    return fd;
}

Result<std::string> readWhole(int fd, std::size_t limit, std::string_view path) {
    std::string text;
    char block[16 * 1024];
    for (;;) {
        const ssize_t got = ::read(fd, block, sizeof block);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return Error::fromErrno(errno, "read " + std::string(path));
        if (got == 0)
            return text;
        text.append(block, static_cast<std::size_t>(got));
        if (text.size() > limit)
            return Error("read " + std::string(path) + ": larger than " + std::to_string(limit) + " bytes");
    }
}

} // namespace twistdpp
