#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/base/result.h"
#include "twistdpp/base/unique_fd.h"
#include "twistdpp/files/file_tree.h"

#include <cstdint>
#include <memory>
#include <string>

namespace twistdpp::files {

/// How a file comes in.
struct UploadOptions {
    mode_t mode = 0644;              // of a new file, whatever the process' umask is
    bool sync = false;               // it is on the disk before it shows
    std::uint64_t most = UINT64_MAX; // bytes of the whole file; more is EDQUOT
};

/// A file that comes in, in a tree. A new one is hidden (".up-...") until it is whole and takes the place of
/// what had its name at once; its destruction without finish() takes it away. One that goes on where another
/// stopped, or at the end, is written where it is. One thread at a time; everything blocks.
class Upload {
public:
    static Result<std::unique_ptr<Upload>>
    create(std::shared_ptr<const FileTree> tree, std::string path, UploadOptions options);
    /// Goes on from byte `offset` of a file that is there, or at its end; a file that is not there is begun,
    /// when `offset` is 0 or at its end.
    static Result<std::unique_ptr<Upload>> resume(
        std::shared_ptr<const FileTree> tree, std::string path, std::uint64_t offset, UploadOptions options
    );
    static constexpr std::uint64_t kEnd = UINT64_MAX;
    ~Upload();
    Upload(const Upload&) = delete;
    Upload& operator=(const Upload&) = delete;

    /// Whether a name in a folder is that of an upload that is not whole.
    static bool isHidden(Bytes name) noexcept;

    Result<void> write(Bytes data);
    /// It is whole, and shows.
    Result<void> finish();
    /// It broke off. What has come is kept under its name, for another to go on with, when nothing had that
    /// name before; gives whether it was.
    bool keepHalf();
    /// Bytes that were written.
    std::uint64_t written() const noexcept { return written_; }

private:
    Upload(std::shared_ptr<const FileTree> tree, std::string path, UploadOptions options)
        : tree_(std::move(tree)), path_(std::move(path)), options_(options) {}
    Result<void> show(bool replace);

    std::shared_ptr<const FileTree> tree_;
    std::string path_;
    UploadOptions options_;
    UniqueFd folder_, file_;
    std::string name_, hidden_; // in the folder; hidden_ is empty for one that is written where it is
    std::uint64_t at_ = 0, written_ = 0;
};

} // namespace twistdpp::files
