#include "twistdpp/files/file_tree.h"

#include "twistdpp/files/tree_path.h"
#include "twistdpp/files/upload.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace twistdpp::files {

namespace {

constexpr int kTries = 32;
constexpr int kDeepest = 100; // folders, of usage()

constexpr std::uint64_t kBeneath = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;

int open2(int root, const char* path, int flags, std::uint64_t resolve, mode_t mode = 0) {
    open_how how{};
    // Non-blocking, as opening a FIFO for reading would wait for its writer.
    how.flags =
        static_cast<std::uint64_t>(flags | O_CLOEXEC | ((flags & O_PATH) == 0 ? O_NONBLOCK | O_NOCTTY : 0));
    how.resolve = resolve;
    how.mode = mode;
    return static_cast<int>(::syscall(SYS_openat2, root, path, &how, sizeof how));
}

/// Whether open2() with RESOLVE_CACHED left it to one that may wait. EINVAL: Linux before 5.12.
bool hasToWait(int code) noexcept {
    return code == EAGAIN || code == EINVAL || code == ENOSYS || code == EINTR;
}

int openBeneath(int root, const char* path, int flags, mode_t mode = 0) {
    for (int tries = 0;; ++tries) {
        const int fd = open2(root, path, flags, kBeneath, mode);
        // EAGAIN: a component was renamed during the look-up. Whoever does that for ever does not hold us up.
        if (fd >= 0 || tries == kTries || (errno != EINTR && errno != EAGAIN))
            return fd;
    }
}

struct CloseFolder {
    void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};
using Folder = std::unique_ptr<DIR, CloseFolder>;

Error failed(Bytes path, int code = errno) {
    // A link that leads out does not exist for a stranger.
    return Error::fromErrno(code == EXDEV ? ENOENT : code, std::string(path));
}

std::string belowRoot(Bytes path) {
    return path == "/" ? "." : std::string(path.substr(1));
}

bool isDots(const char* name) noexcept {
    const Bytes text(name);
    return text == "." || text == "..";
}

Result<ReadableFile> readable(UniqueFd fd, Bytes path) {
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0)
        return failed(path);
    if (S_ISDIR(status.st_mode))
        return failed(path, EISDIR);
    if (!S_ISREG(status.st_mode))
        return failed(path, EACCES); // devices, sockets and pipes are not content
    return ReadableFile{std::move(fd), FileInfo::of(status)};
}

std::uint64_t usageOf(UniqueFd fd, int depth) {
    Folder folder(::fdopendir(fd.get()));
    if (!folder)
        return 0;
    const int at = fd.release();
    std::uint64_t out = 0;
    while (const dirent* each = ::readdir(folder.get())) {
        struct stat status {};
        if (isDots(each->d_name) || ::fstatat(at, each->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        if (S_ISREG(status.st_mode))
            out += static_cast<std::uint64_t>(status.st_size);
        else if (S_ISDIR(status.st_mode) && depth < kDeepest)
            out += usageOf(
                UniqueFd(::openat(at, each->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)),
                depth + 1
            );
    }
    return out;
}

} // namespace

FileInfo FileInfo::of(const struct stat& status) noexcept {
    FileInfo out;
    out.kind = S_ISREG(status.st_mode)   ? Kind::file
               : S_ISDIR(status.st_mode) ? Kind::folder
               : S_ISLNK(status.st_mode) ? Kind::link
                                         : Kind::other;
    out.size = static_cast<std::uint64_t>(status.st_size);
    out.modified = status.st_mtim.tv_sec;
    out.mode = status.st_mode & 07777;
    out.uid = status.st_uid;
    out.gid = status.st_gid;
    out.links = status.st_nlink;
    out.device = status.st_dev;
    out.inode = status.st_ino;
    return out;
}

Result<std::shared_ptr<const FileTree>> FileTree::open(const std::string& path, std::optional<Owner> owner) {
    UniqueFd root(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!root)
        return Error::fromErrno(errno, "cannot give out " + path);
    const UniqueFd probe(openBeneath(root.get(), ".", O_PATH));
    if (!probe && errno == ENOSYS)
        return Error(
            "cannot give out " + path +
            ": this kernel has no openat2 (Linux 5.6), which keeps paths inside of it"
        );
    if (!probe)
        return Error::fromErrno(errno, "cannot give out " + path);
    return std::shared_ptr<const FileTree>(new FileTree(std::move(root), std::move(owner)));
}

std::optional<Result<std::shared_ptr<const FileTree>>>
FileTree::openCached(const std::string& path, std::optional<Owner> owner) {
    UniqueFd root(open2(AT_FDCWD, path.c_str(), O_PATH | O_DIRECTORY, RESOLVE_CACHED));
    if (!root && hasToWait(errno))
        return std::nullopt;
    if (!root)
        return Error::fromErrno(errno, "cannot give out " + path);
    return std::shared_ptr<const FileTree>(new FileTree(std::move(root), std::move(owner)));
}

Result<UniqueFd> FileTree::openAt(Bytes path, int flags) const {
    UniqueFd fd(openBeneath(root_.get(), belowRoot(path).c_str(), flags));
    if (!fd)
        return failed(path);
    return fd;
}

Result<UniqueFd> FileTree::openFolder(Bytes path) const {
    return openAt(path, O_PATH | O_DIRECTORY);
}

Result<ReadableFile> FileTree::read(Bytes path) const {
    const ActingAs user(owner_);
    auto fd = openAt(path, O_RDONLY);
    if (!fd)
        return std::move(fd).error();
    return readable(*std::move(fd), path);
}

std::optional<Result<ReadableFile>> FileTree::readCached(Bytes path) const {
    const ActingAs user(owner_);
    UniqueFd fd(open2(root_.get(), belowRoot(path).c_str(), O_RDONLY, kBeneath | RESOLVE_CACHED));
    if (!fd && hasToWait(errno))
        return std::nullopt;
    if (!fd)
        return failed(path);
    return readable(std::move(fd), path);
}

Result<FileInfo> FileTree::info(Bytes path) const {
    const ActingAs user(owner_);
    auto fd = openAt(path, O_PATH);
    if (!fd)
        return std::move(fd).error();
    struct stat status {};
    if (::fstat(fd->get(), &status) != 0)
        return failed(path);
    return FileInfo::of(status);
}

Result<std::vector<FileEntry>> FileTree::list(Bytes path) const {
    const ActingAs user(owner_);
    auto fd = openAt(path, O_RDONLY | O_DIRECTORY);
    if (!fd)
        return std::move(fd).error();
    Folder folder(::fdopendir(fd->get()));
    if (!folder)
        return failed(path);
    const int at = fd->release();
    std::vector<FileEntry> out;
    while (const dirent* each = ::readdir(folder.get())) {
        struct stat status {};
        if (isDots(each->d_name) || Upload::isHidden(each->d_name) ||
            ::fstatat(at, each->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        if (out.size() >= kMostEntries)
            return failed(path, EOVERFLOW);
        FileEntry entry{each->d_name, FileInfo::of(status)};
        if (entry.info.kind == FileInfo::Kind::link) {
            const std::string whole = std::string(path == "/" ? Bytes() : path) + "/" + entry.name;
            const auto target = openAt(whole, O_PATH);
            struct stat led {};
            if (target && ::fstat(target->get(), &led) == 0)
                entry.info = FileInfo::of(led);
        }
        out.push_back(std::move(entry));
    }
    std::sort(out.begin(), out.end(), [](const FileEntry& a, const FileEntry& b) { return a.name < b.name; });
    return out;
}

Result<void> FileTree::makeFolder(Bytes path, mode_t mode) const {
    const ActingAs user(owner_);
    const SplitPath split = splitPath(path);
    auto folder = openFolder(split.folder);
    if (!folder)
        return std::move(folder).error();
    if (split.name.empty() || ::mkdirat(folder->get(), split.name.c_str(), 0700) != 0)
        return failed(path, split.name.empty() ? EEXIST : errno);
    const UniqueFd made(
        ::openat(folder->get(), split.name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    );
    if (!made || ::fchmod(made.get(), mode) != 0)
        return failed(path);
    return {};
}

Result<void> FileTree::unlink(Bytes path, int flags, int ofRoot) const {
    const ActingAs user(owner_);
    const SplitPath split = splitPath(path);
    auto folder = openFolder(split.folder);
    if (!folder)
        return std::move(folder).error();
    if (split.name.empty())
        return failed(path, ofRoot);
    if (::unlinkat(folder->get(), split.name.c_str(), flags) != 0)
        return failed(path);
    return {};
}

Result<void> FileTree::removeFolder(Bytes path) const {
    return unlink(path, AT_REMOVEDIR, EBUSY);
}

Result<void> FileTree::remove(Bytes path) const {
    return unlink(path, 0, EISDIR);
}

Result<void> FileTree::rename(Bytes from, Bytes to) const {
    return move(from, to, 0);
}

Result<void> FileTree::renameToFree(Bytes from, Bytes to) const {
    return move(from, to, RENAME_NOREPLACE);
}

Result<FileTree::Ends> FileTree::openEnds(Bytes from, Bytes to) const {
    SplitPath old = splitPath(from);
    SplitPath fresh = splitPath(to);
    auto source = openFolder(old.folder);
    if (!source)
        return std::move(source).error();
    auto target = openFolder(fresh.folder);
    if (!target)
        return std::move(target).error();
    return Ends{*std::move(source), *std::move(target), std::move(old.name), std::move(fresh.name)};
}

Result<void> FileTree::move(Bytes from, Bytes to, unsigned flags) const {
    const ActingAs user(owner_);
    const auto ends = openEnds(from, to);
    if (!ends)
        return ends.error();
    if (ends->old.empty() || ends->fresh.empty())
        return failed(ends->old.empty() ? from : to, EBUSY);
    if (::renameat2(ends->source.get(), ends->old.c_str(), ends->target.get(), ends->fresh.c_str(), flags) !=
        0)
        return failed(errno == ENOENT ? from : to);
    return {};
}

Result<void> FileTree::chmod(Bytes path, mode_t mode) const {
    const ActingAs user(owner_);
    auto fd = openAt(path, O_RDONLY);
    if (!fd)
        return std::move(fd).error();
    if (::fchmod(fd->get(), mode & 0777) != 0)
        return failed(path);
    return {};
}

Result<void> FileTree::setModified(Bytes path, std::int64_t time) const {
    const ActingAs user(owner_);
    auto fd = openAt(path, O_RDONLY);
    if (!fd)
        return std::move(fd).error();
    const timespec times[2] = {{0, UTIME_OMIT}, {time, 0}};
    if (::futimens(fd->get(), times) != 0)
        return failed(path);
    return {};
}

Result<FileInfo> FileTree::linkInfo(Bytes path) const {
    const ActingAs user(owner_);
    const SplitPath split = splitPath(path);
    if (split.name.empty())
        return info(path);
    auto folder = openFolder(split.folder);
    if (!folder)
        return std::move(folder).error();
    struct stat status {};
    if (::fstatat(folder->get(), split.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
        return failed(path);
    return FileInfo::of(status);
}

Result<UniqueFd> FileTree::openFile(Bytes path, int flags, mode_t mode) const {
    const ActingAs user(owner_);
    const std::string below = belowRoot(path);
    UniqueFd fd;
    bool made = false;
    if ((flags & O_CREAT) != 0) {
        fd.reset(openBeneath(root_.get(), below.c_str(), flags | O_EXCL, 0600));
        made = static_cast<bool>(fd);
        if (!fd && (errno != EEXIST || (flags & O_EXCL) != 0))
            return failed(path);
    }
    if (!fd)
        fd.reset(openBeneath(root_.get(), below.c_str(), flags & ~(O_CREAT | O_EXCL)));
    if (!fd)
        return failed(path);
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0 || (made && ::fchmod(fd.get(), mode & 0777) != 0))
        return failed(path);
    if (!S_ISREG(status.st_mode))
        return failed(path, S_ISDIR(status.st_mode) ? EISDIR : EACCES);
    return fd;
}

Result<std::string> FileTree::readLink(Bytes path) const {
    const ActingAs user(owner_);
    const SplitPath split = splitPath(path);
    auto folder = openFolder(split.folder);
    if (!folder)
        return std::move(folder).error();
    std::array<char, PATH_MAX> target{};
    const ssize_t size = ::readlinkat(folder->get(), split.name.c_str(), target.data(), target.size());
    if (size < 0)
        return failed(path);
    return std::string(target.data(), static_cast<std::size_t>(size));
}

Result<void> FileTree::makeLink(Bytes path, const std::string& target) const {
    const ActingAs user(owner_);
    const SplitPath split = splitPath(path);
    auto folder = openFolder(split.folder);
    if (!folder)
        return std::move(folder).error();
    if (::symlinkat(target.c_str(), folder->get(), split.name.c_str()) != 0)
        return failed(path);
    return {};
}

Result<void> FileTree::addName(Bytes from, Bytes to) const {
    const ActingAs user(owner_);
    const auto ends = openEnds(from, to);
    if (!ends)
        return ends.error();
    if (::linkat(ends->source.get(), ends->old.c_str(), ends->target.get(), ends->fresh.c_str(), 0) != 0)
        return failed(errno == ENOENT ? from : to);
    return {};
}

FileSystem FileSystem::of(const struct statvfs& status) noexcept {
    FileSystem out;
    out.blockSize = status.f_bsize;
    out.fragmentSize = status.f_frsize;
    out.blocks = status.f_blocks;
    out.free = status.f_bfree;
    out.available = status.f_bavail;
    out.files = status.f_files;
    out.filesFree = status.f_ffree;
    out.filesAvailable = status.f_favail;
    out.id = status.f_fsid;
    out.longestName = status.f_namemax;
    out.readOnly = (status.f_flag & ST_RDONLY) != 0;
    out.noSetUser = (status.f_flag & ST_NOSUID) != 0;
    return out;
}

Result<FileSystem> FileTree::fileSystem(Bytes path) const {
    const ActingAs user(owner_);
    auto fd = openAt(path, O_PATH);
    if (!fd)
        return std::move(fd).error();
    struct statvfs status {};
    if (::fstatvfs(fd->get(), &status) != 0)
        return failed(path);
    return FileSystem::of(status);
}

Result<std::uint64_t> FileTree::room() const {
    auto fd = openAt("/", O_RDONLY | O_DIRECTORY);
    struct statvfs status {};
    if (!fd || ::fstatvfs(fd->get(), &status) != 0)
        return failed("/");
    return std::uint64_t{status.f_bavail} * status.f_frsize;
}

Result<std::uint64_t> FileTree::usage() const {
    auto fd = openAt("/", O_RDONLY | O_DIRECTORY);
    if (!fd)
        return std::move(fd).error();
    return usageOf(*std::move(fd), 0);
}

} // namespace twistdpp::files
