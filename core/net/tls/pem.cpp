#include "twistdpp/tls/pem.h"

#include "twistdpp/base/unique_fd.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace twistdpp {

namespace {
constexpr off_t kLargest = 8 * 1024 * 1024;
} // namespace

std::string Pem::describe(std::string_view what) const {
    std::string text("the ");
    text.append(what);
    if (isFile_)
        text.append(" file '").append(content_).append("'");
    return text;
}

Result<std::string> Pem::read(std::string_view what) const {
    if (!isFile_)
        return content_;
    const auto failed = [&](int error) { return Error::fromErrno(error, "cannot read " + describe(what)); };
    // A named pipe must not hold the program up.
    const UniqueFd fd(::open(content_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat status {};
    if (!fd || ::fstat(fd.get(), &status) != 0)
        return failed(errno);
    if (S_ISDIR(status.st_mode))
        return failed(EISDIR);
    if (!S_ISREG(status.st_mode) || status.st_size > kLargest)
        return Error("cannot read " + describe(what) + ": not a file of at most 8 MiB");
    std::string text(static_cast<std::size_t>(status.st_size), '\0');
    std::size_t got = 0;
    while (got < text.size()) {
        const ssize_t count = ::read(fd.get(), text.data() + got, text.size() - got);
        if (count < 0 && errno != EINTR)
            return failed(errno);
        if (count == 0)
            break;
        got += count > 0 ? static_cast<std::size_t>(count) : 0;
    }
    text.resize(got);
    return text;
}

} // namespace twistdpp
