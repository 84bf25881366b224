#include "twistdpp/daemon/pidfile.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace twistdpp {

namespace {

constexpr int kAttempts = 20;

/// Whether the name still leads to the file that is open: its last owner may have removed it meanwhile.
bool stillThere(int folder, const std::string& leaf, int file) {
    struct stat named {
    }, open{};
    return ::fstatat(folder, leaf.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 && ::fstat(file, &open) == 0 &&
           named.st_dev == open.st_dev && named.st_ino == open.st_ino;
}

std::string ownerText(int file) {
    char text[32];
    const auto count = ::pread(file, text, sizeof text, 0);
    const Bytes line = ascii::trim(Bytes(text, count > 0 ? static_cast<std::size_t>(count) : 0), " \n");
    return parseUnsigned<unsigned>(line) ? " as process " + std::string(line) : "";
}

StartFailure failed(const std::string& path, int error) {
    if (error == ELOOP)
        return {ExitCode::cannotCreate, "pidfile " + path + ": is a symbolic link; name the file itself"};
    return StartFailure::from(Error::fromErrno(error, "pidfile " + path), ExitCode::cannotCreate);
}

} // namespace

Result<Pidfile, StartFailure> Pidfile::lock(const std::string& path, HandOver* handOver) {
    Pidfile made;
    made.path_ = path;
    const auto slash = path.rfind('/');
    made.leaf_ = path.substr(slash + 1);
    made.folder_.reset(
        ::open(slash == 0 ? "/" : path.substr(0, slash).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)
    );
    if (!made.folder_)
        return failed(path, errno);
    const auto enter = [&](bool inherited) {
        if (!handOver)
            return;
        HandOver::Item item(HandOver::Kind::lock, made.file_.get());
        item.path = path;
        made.handOver_ = handOver->enter(std::move(item), inherited);
    };
    made.file_ = handOver ? handOver->takeLock(path) : UniqueFd();
    if (made.file_ && stillThere(made.folder_.get(), made.leaf_, made.file_.get())) {
        enter(true);
        return made;
    }
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
        constexpr int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
        made.file_.reset(::openat(made.folder_.get(), made.leaf_.c_str(), flags, 0644));
        if (!made.file_)
            return failed(path, errno);
        struct stat status {};
        if (::fstat(made.file_.get(), &status) != 0 || !S_ISREG(status.st_mode))
            return StartFailure(ExitCode::cannotCreate, "pidfile " + path + ": is no regular file");
        if (::flock(made.file_.get(), LOCK_EX | LOCK_NB) != 0) {
            if (errno != EWOULDBLOCK)
                return failed(path, errno);
            return StartFailure(
                ExitCode::alreadyRunning,
                "a daemon with this pidfile runs already" + ownerText(made.file_.get()) + " (" + path + ")"
            );
        }
        if (stillThere(made.folder_.get(), made.leaf_, made.file_.get())) {
            enter(false);
            return made;
        }
    }
    return StartFailure(ExitCode::cannotCreate, "pidfile " + path + ": vanishes as often as it is made");
}

Result<void, StartFailure> Pidfile::write() {
    const std::string text = std::to_string(::getpid()) + "\n";
    const bool written =
        ::ftruncate(file_.get(), 0) == 0 &&
        ::pwrite(file_.get(), text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
    return written ? Result<void, StartFailure>{} : failed(path_, errno);
}

void Pidfile::remove() noexcept {
    if (!file_)
        return;
    const bool ours = handOver_.ours() && stillThere(folder_.get(), leaf_, file_.get());
    if (ours && ::unlinkat(folder_.get(), leaf_.c_str(), 0) != 0) {
        // An empty file misleads no one, and the next start takes it over.
        [[maybe_unused]] const int emptied = ::ftruncate(file_.get(), 0);
    }
    abandon();
}

void Pidfile::abandon() noexcept {
    handOver_ = {};
    file_.reset();
    folder_.reset();
}

} // namespace twistdpp
