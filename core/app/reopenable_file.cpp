#include "twistdpp/app/reopenable_file.h"

#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace twistdpp {

namespace {

/// 0, or errno. `written` is how far it came.
int writeAll(int fd, Bytes text, std::size_t& written) noexcept {
    while (written < text.size()) {
        const auto count = ::write(fd, text.data() + written, text.size() - written);
        if (count >= 0) {
            written += static_cast<std::size_t>(count);
        } else if (errno == EAGAIN) {
            // A terminal or pipe that someone else made non-blocking: wait a little for its reader, then give
            // up.
            pollfd ready{fd, POLLOUT, 0};
            if (::poll(&ready, 1, 200) <= 0)
                return EAGAIN;
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

} // namespace

Result<ReopenableFile> ReopenableFile::open(const std::string& path, mode_t mode) {
    ReopenableFile made;
    made.path_ = path;
    made.mode_ = mode;
    if (path == "-") {
        made.file_.reset(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3));
        if (!made.file_)
            return Error::fromErrno(errno, "standard output");
        return made;
    }
    const auto slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
    made.leaf_ = slash == std::string::npos ? path : path.substr(slash + 1);
    if (made.leaf_.empty())
        return Error::fromErrno(EISDIR, "log file " + path);
    made.folder_.reset(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!made.folder_)
        return Error::fromErrno(errno, "folder of log file " + path);
    auto file = made.openFile();
    if (!file)
        return std::move(file).error();
    made.file_ = std::move(*file);
    return made;
}

Result<UniqueFd> ReopenableFile::openFile() const {
    constexpr int flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY;
    // Made by us or found: only one of our own making gets its mode set.
    UniqueFd file(::openat(folder_.get(), leaf_.c_str(), flags | O_CREAT | O_EXCL, mode_));
    if (file)
        ::fchmod(file.get(), mode_);
    else if (errno == EEXIST)
        file.reset(::openat(folder_.get(), leaf_.c_str(), flags | O_CREAT, mode_));
    if (!file)
        return Error::fromErrno(errno, "log file " + path_);
    return file;
}

Result<void> ReopenableFile::reopen() {
    if (isStandardOutput())
        return {};
    auto fresh = openFile();
    if (!fresh)
        return std::move(fresh).error();
    file_ = std::move(*fresh);
    torn_ = false;
    return {};
}

Result<void> ReopenableFile::giveTo(uid_t user, gid_t group) {
    struct stat status {};
    if (::fstat(file_.get(), &status) != 0 || !S_ISREG(status.st_mode) || isStandardOutput())
        return {};
    if (::fchown(file_.get(), user, group) != 0)
        return Error::fromErrno(errno, "hand log file " + path_ + " to uid " + std::to_string(user));
    return {};
}

ReopenableFile::Outcome ReopenableFile::write(Bytes text, std::uint64_t records) noexcept {
    std::size_t written = 0;
    int error = 0;
    if (torn_) {
        // The record that a full disk cut short must not run into this one.
        std::size_t newline = 0;
        error = writeAll(file_.get(), "\n", newline);
    }
    if (error == 0) {
        torn_ = false;
        error = writeAll(file_.get(), text, written);
    }
    if (error == 0) {
        if (error_ == 0)
            return Outcome::written;
        error_ = 0;
        return Outcome::recovered;
    }
    torn_ = torn_ || (written > 0 && written < text.size());
    lost_ += records;
    const bool first = error_ == 0;
    error_ = error;
    return first ? Outcome::failed : Outcome::stillFailing;
}

} // namespace twistdpp
