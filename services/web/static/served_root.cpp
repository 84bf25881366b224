#include "twistdpp/service_web/static/served_root.h"

#include <cerrno>
#include <climits>
#include <cstring>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace twistdpp::web {

namespace {

constexpr int kTries = 32;

int openBeneath(int root, const char* path, std::uint64_t resolve) {
    open_how how{};
    // Non-blocking, as opening a FIFO for reading would wait for its writer.
    how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    how.resolve = resolve;
    for (int tries = 0;; ++tries) {
        const long fd = ::syscall(SYS_openat2, root, path, &how, sizeof how);
        // EAGAIN: a component was renamed during the look-up. Whoever does that for ever shall not hold us
        // up.
        if (fd >= 0 || tries == kTries || (errno != EINTR && errno != EAGAIN))
            return static_cast<int>(fd);
    }
}

std::uint64_t resolveFlags(VisibilityPolicy::Links links) {
    switch (links) {
    case VisibilityPolicy::Links::beneath:
        return RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    case VisibilityPolicy::Links::none:
        return RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
    case VisibilityPolicy::Links::follow:
        return RESOLVE_NO_MAGICLINKS;
    }
    return RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
}

int statusFor(int error) {
    switch (error) {
    case EACCES:
    case EPERM:
    case ENXIO: // a socket
        return 403;
    case ENAMETOOLONG:
        return 414;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EAGAIN:
        return 503;
    default:
        return 404; // also a link out of the root (EXDEV): it does not exist for a client
    }
}

/// A time that 64 bits of nanoseconds cannot hold (before 1677, after 2262) is the nearest that they can.
std::int64_t nanoseconds(const timespec& time) {
    std::int64_t out = 0;
    if (__builtin_mul_overflow(std::int64_t{time.tv_sec}, std::int64_t{1'000'000'000}, &out) ||
        __builtin_add_overflow(out, std::int64_t{time.tv_nsec}, &out))
        return time.tv_sec < 0 ? INT64_MIN : INT64_MAX;
    return out;
}

Result<OpenedFile, int> describe(UniqueFd fd) {
    struct stat info {};
    if (::fstat(fd.get(), &info) != 0)
        return statusFor(errno);
    if (!S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode))
        return 403; // devices, sockets and pipes are not content
    OpenedFile out;
    out.directory = S_ISDIR(info.st_mode);
    out.inode = info.st_ino;
    out.size = static_cast<std::uint64_t>(info.st_size);
    out.modifiedNs = nanoseconds(info.st_mtim);
    out.file = std::make_shared<const UniqueFd>(std::move(fd));
    return out;
}

} // namespace

Result<std::shared_ptr<const ServedRoot>>
ServedRoot::open(const std::string& path, const VisibilityPolicy& policy) {
    return make(UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)), path, policy);
}

Result<std::shared_ptr<const ServedRoot>>
ServedRoot::openIn(const std::string& folder, const std::string& name, const VisibilityPolicy& policy) {
    const std::string path = folder + "/" + name;
    const UniqueFd above(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!above)
        return Error::fromErrno(errno, "cannot serve " + path);
    return make(UniqueFd(openBeneath(above.get(), name.c_str(), resolveFlags(policy.links))), path, policy);
}

Result<std::shared_ptr<const ServedRoot>>
ServedRoot::make(UniqueFd fd, const std::string& path, const VisibilityPolicy& policy) {
    struct stat info {};
    if (!fd || ::fstat(fd.get(), &info) != 0)
        return Error::fromErrno(errno, "cannot serve " + path);
    const bool isDirectory = S_ISDIR(info.st_mode);
    if (!isDirectory && !S_ISREG(info.st_mode))
        return Error("cannot serve " + path + ": it is neither a folder nor a file");
    if (isDirectory) {
        const UniqueFd probe(openBeneath(fd.get(), ".", RESOLVE_BENEATH));
        if (!probe && errno == ENOSYS)
            return Error(
                "cannot serve " + path +
                ": this kernel has no openat2 (Linux 5.6), which keeps files inside the root"
            );
        if (!probe)
            return Error::fromErrno(errno, "cannot serve " + path);
    }
    const auto slash = path.find_last_of('/');
    return std::shared_ptr<const ServedRoot>(new ServedRoot(
        std::move(fd), slash == std::string::npos ? path : path.substr(slash + 1), !isDirectory, policy
    ));
}

Result<std::shared_ptr<const ServedRoot>>
ServedRoot::of(const files::FileTree& tree, const VisibilityPolicy& policy) {
    const files::ActingAs user(tree.owner());
    auto fd = tree.openAt("/", O_RDONLY | O_DIRECTORY);
    if (!fd)
        return std::move(fd).error().within("cannot serve the folder of a user");
    VisibilityPolicy own = policy;
    if (own.links == VisibilityPolicy::Links::follow)
        own.links = VisibilityPolicy::Links::beneath;
    return std::shared_ptr<const ServedRoot>(
        new ServedRoot(*std::move(fd), std::string(), false, own, tree.owner())
    );
}

bool ServedRoot::shows(Bytes name) const noexcept {
    return name.empty() || name[0] != '.' || policy_.hidden || name == ".well-known";
}

Result<OpenedFile, int> ServedRoot::openPath(Bytes path) const {
    if (isFile_) {
        if (path != "/")
            return 404;
        // By its descriptor, so that a file that was replaced since is still the one we were told to serve.
        return describe(UniqueFd(::fcntl(fd_.get(), F_DUPFD_CLOEXEC, 0)));
    }
    if (path.size() >= PATH_MAX)
        return 414;
    for (std::size_t at = 1; at < path.size();) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        if (!shows(path.substr(at, end - at)))
            return 404;
        at = end + 1;
    }
    char relative[PATH_MAX];
    const Bytes rest = path.substr(1);
    rest.copy(relative, rest.size());
    relative[rest.size()] = '\0';
    const files::ActingAs user(owner_);
    UniqueFd fd(openBeneath(fd_.get(), rest.empty() ? "." : relative, resolveFlags(policy_.links)));
    if (!fd)
        return statusFor(errno);
    return describe(std::move(fd));
}

} // namespace twistdpp::web
