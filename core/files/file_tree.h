#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/base/result.h"
#include "twistdpp/base/unique_fd.h"
#include "twistdpp/files/owner.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

struct stat;
struct statvfs;

namespace twistdpp::files {

/// What the system says of a file or folder.
struct FileInfo {
    enum class Kind : std::uint8_t { file, folder, link, other };
    Kind kind = Kind::file;
    std::uint64_t size = 0;
    std::int64_t modified = 0; // seconds of Unix
    mode_t mode = 0;           // its permissions alone
    uid_t uid = 0;
    gid_t gid = 0;
    std::uint64_t links = 1;
    std::uint64_t device = 0, inode = 0;

    static FileInfo of(const struct stat& status) noexcept;
    bool operator==(const FileInfo&) const = default;
};

struct FileEntry {
    std::string name;
    FileInfo info; // of a link: what it leads to, where that is beneath; else the link's own
};

/// What the system says of a disk (statvfs(3)); units as there.
struct FileSystem {
    std::uint64_t blockSize = 0, fragmentSize = 0, blocks = 0, free = 0, available = 0;
    std::uint64_t files = 0, filesFree = 0, filesAvailable = 0, id = 0, longestName = 0;
    bool readOnly = false, noSetUser = false;

    static FileSystem of(const struct statvfs& status) noexcept;
};

/// A file that was opened for reading.
struct ReadableFile {
    UniqueFd fd;
    FileInfo info;
};

/// A folder whose files are touched by plain paths from its root ("/a/b", tree_path.h). Links are followed as
/// long as they stay beneath it; others lead nowhere. Errors have the system's code (Error::code), and words
/// for people. Immutable; any thread; everything blocks but for openCached() and readCached().
class FileTree {
public:
    /// The error says what is wrong with the folder, or that the kernel is too old for it. `owner`: whose
    /// rights it takes, where the process is root; nothing: those of the process.
    static Result<std::shared_ptr<const FileTree>>
    open(const std::string& path, std::optional<Owner> owner = std::nullopt);

    /// The same where the kernel knows the folder without asking a disk, so that it does not block; nothing
    /// where it does not.
    static std::optional<Result<std::shared_ptr<const FileTree>>>
    openCached(const std::string& path, std::optional<Owner> owner = std::nullopt);

    /// A regular file, to be read.
    Result<ReadableFile> read(Bytes path) const;
    /// The same, as openCached() does it.
    std::optional<Result<ReadableFile>> readCached(Bytes path) const;
    Result<FileInfo> info(Bytes path) const;
    /// The same of a link itself.
    Result<FileInfo> linkInfo(Bytes path) const;
    /// What is in a folder, by name, at most kMostEntries; without "." and "..", and without uploads that
    /// are not whole.
    Result<std::vector<FileEntry>> list(Bytes path) const;
    static constexpr std::size_t kMostEntries = 1'000'000;

    /// With these permissions, whatever the process' umask is.
    Result<void> makeFolder(Bytes path, mode_t mode) const;
    Result<void> removeFolder(Bytes path) const;
    Result<void> remove(Bytes path) const;
    /// Takes the place of a file that has the new name.
    Result<void> rename(Bytes from, Bytes to) const;
    /// The same, but EEXIST where something has the new name.
    Result<void> renameToFree(Bytes from, Bytes to) const;
    Result<void> chmod(Bytes path, mode_t mode) const;
    /// Seconds of Unix.
    Result<void> setModified(Bytes path, std::int64_t time) const;

    /// A regular file, by flags of open(2): how it is read and written, O_CREAT, O_EXCL, O_TRUNC and
    /// O_APPEND. A new one has these permissions, whatever the process' umask is.
    Result<UniqueFd> openFile(Bytes path, int flags, mode_t mode = 0) const;
    /// What a link says, wherever that is.
    Result<std::string> readLink(Bytes path) const;
    /// A link that says `target`; it is followed as far as that is beneath.
    Result<void> makeLink(Bytes path, const std::string& target) const;
    /// One more name of a file; of a link itself, not of what it leads to.
    Result<void> addName(Bytes from, Bytes to) const;
    /// Of the disk that something is on.
    Result<FileSystem> fileSystem(Bytes path) const;
    /// Bytes that are free on its disk for its owner.
    Result<std::uint64_t> room() const;
    /// Bytes of all files in it.
    Result<std::uint64_t> usage() const;

    const std::optional<Owner>& owner() const noexcept { return owner_; }

    /// For Upload: the folder that something is in, and a descriptor of a file beneath, as openat2() gives
    /// it.
    Result<UniqueFd> openFolder(Bytes path) const;
    Result<UniqueFd> openAt(Bytes path, int flags) const;

private:
    Result<void> unlink(Bytes path, int flags, int ofRoot) const;
    /// The folders of two paths, and the names there.
    struct Ends {
        UniqueFd source, target;
        std::string old, fresh;
    };
    Result<Ends> openEnds(Bytes from, Bytes to) const;
    Result<void> move(Bytes from, Bytes to, unsigned flags) const;
    FileTree(UniqueFd root, std::optional<Owner> owner) : root_(std::move(root)), owner_(std::move(owner)) {}

    UniqueFd root_;
    std::optional<Owner> owner_;
};

} // namespace twistdpp::files
