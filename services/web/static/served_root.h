#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/base/file.h"
#include "twistdpp/base/result.h"
#include "twistdpp/base/unique_fd.h"
#include "twistdpp/files/file_tree.h"
#include "twistdpp/files/owner.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace twistdpp::web {

/// What of a folder may be seen.
struct VisibilityPolicy {
    enum class Links : std::uint8_t {
        beneath, ///< symbolic links that stay inside the root are followed, others do not exist
        none,    ///< no symbolic link exists
        follow,  ///< all are followed, wherever they lead
    };
    Links links = Links::beneath;
    bool hidden = false; ///< names that begin with '.' exist; ".well-known" (RFC 8615) always does
};

/// A file or folder that was opened, and what the system says of it.
struct OpenedFile {
    SharedFile file;
    bool directory = false;
    std::uint64_t inode = 0;
    std::uint64_t size = 0;
    std::int64_t modifiedNs = 0; ///< since the epoch

    std::int64_t modifiedSeconds() const noexcept { return modifiedNs / 1'000'000'000; }
    bool sameAs(const OpenedFile& other) const noexcept {
        return inode == other.inode && size == other.size && modifiedNs == other.modifiedNs;
    }
};

/// A folder, or a single file, from which files are opened by paths that a stranger wrote. The kernel itself
/// keeps every look-up beneath it (openat2), also while links are changed under our feet. Immutable; any
/// thread.
class ServedRoot {
public:
    static Result<std::shared_ptr<const ServedRoot>>
    open(const std::string& path, const VisibilityPolicy& policy);

    /// The same of `name` in `folder`, where `policy` already holds for `name`: for one that may be a link
    /// made by somebody who is not trusted with the rest of the disk.
    static Result<std::shared_ptr<const ServedRoot>>
    openIn(const std::string& folder, const std::string& name, const VisibilityPolicy& policy);

    /// The folder of a user, by whose rights its files are opened; links lead no further than one inside,
    /// whatever the policy says.
    static Result<std::shared_ptr<const ServedRoot>>
    of(const files::FileTree& tree, const VisibilityPolicy& policy);

    /// Whether the root is one file and not a folder.
    bool isFile() const noexcept { return isFile_; }
    /// The name of the root itself, for the media type of a single file.
    const std::string& name() const noexcept { return name_; }
    /// Opens what a normalised path ("/a/b", no dot segments) names. The error is the HTTP status to answer:
    /// 404, 403, 414 for a name too long for the system, 503 when the process is out of descriptors.
    Result<OpenedFile, int> openPath(Bytes path) const;
    /// Whether the policy lets a name be seen; for listings.
    bool shows(Bytes name) const noexcept;

private:
    static Result<std::shared_ptr<const ServedRoot>>
    make(UniqueFd fd, const std::string& path, const VisibilityPolicy& policy);
    ServedRoot(
        UniqueFd fd, std::string name, bool isFile, const VisibilityPolicy& policy,
        std::optional<files::Owner> owner = std::nullopt
    )
        : fd_(std::move(fd)), name_(std::move(name)), isFile_(isFile), policy_(policy),
          owner_(std::move(owner)) {}

    UniqueFd fd_;
    std::string name_;
    bool isFile_;
    VisibilityPolicy policy_;
    std::optional<files::Owner> owner_; // nothing: by the rights of the process
};

} // namespace twistdpp::web
