#include "twistdpp/files/upload.h"

#include "twistdpp/files/tree_path.h"

#include <cerrno>
#include <climits>
#include <cstdio>
#include <fcntl.h>
#include <random>
#include <sys/stat.h>
#include <unistd.h>

namespace twistdpp::files {

namespace {

constexpr Bytes kHidden = ".up-";
constexpr std::size_t kHiddenSize = 20;
constexpr int kTries = 10;

std::string hiddenName() {
    static thread_local std::random_device device;
    constexpr Bytes kDigits = "0123456789abcdef";
    std::string out(kHidden);
    while (out.size() < kHiddenSize) {
        for (auto value = device(), digits = 0U; digits < 8 && out.size() < kHiddenSize;
             ++digits, value >>= 4U)
            out += kDigits[value & 15U];
    }
    return out;
}

Error failed(const std::string& path, int code = errno) {
    return Error::fromErrno(code == EXDEV ? ENOENT : code, path);
}

} // namespace

bool Upload::isHidden(Bytes name) noexcept {
    return name.size() == kHiddenSize && name.starts_with(kHidden);
}

Upload::~Upload() {
    if (hidden_.empty() || !file_)
        return;
    const ActingAs user(tree_->owner());
    ::unlinkat(folder_.get(), hidden_.c_str(), 0);
}

Result<std::unique_ptr<Upload>>
Upload::create(std::shared_ptr<const FileTree> tree, std::string path, UploadOptions options) {
    const ActingAs user(tree->owner());
    SplitPath split = splitPath(path);
    auto folder = tree->openFolder(split.folder);
    if (!folder)
        return std::move(folder).error();
    if (split.name.empty() || isHidden(split.name))
        return failed(path, split.name.empty() ? EISDIR : EACCES);
    // Whoever may not write to a file does not get another one in its place, either.
    const auto before = tree->openAt(path, O_WRONLY);
    if (!before && before.error().code().value() != ENOENT)
        return before.error();
    if (before) {
        struct stat status {};
        if (::fstat(before->get(), &status) != 0 || !S_ISREG(status.st_mode))
            return failed(path, EACCES);
        options.mode = status.st_mode & 0777;
    }
    std::unique_ptr<Upload> out(new Upload(std::move(tree), path, options));
    out->folder_ = *std::move(folder);
    out->name_ = std::move(split.name);
    for (int tries = 0; !out->file_ && tries < kTries; ++tries) {
        out->hidden_ = hiddenName();
        out->file_.reset(::openat(
            out->folder_.get(), out->hidden_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
            0600
        ));
        if (!out->file_ && errno != EEXIST)
            break;
    }
    if (!out->file_ || ::fchmod(out->file_.get(), options.mode) != 0)
        return failed(path);
    return out;
}

Result<std::unique_ptr<Upload>> Upload::resume(
    std::shared_ptr<const FileTree> tree, std::string path, std::uint64_t offset, UploadOptions options
) {
    {
        const ActingAs user(tree->owner());
        auto file = tree->openAt(path, O_WRONLY);
        if (!file && (file.error().code().value() != ENOENT || (offset != 0 && offset != kEnd)))
            return std::move(file).error();
        if (file) {
            struct stat status {};
            if (::fstat(file->get(), &status) != 0)
                return failed(path);
            if (!S_ISREG(status.st_mode))
                return failed(path, EACCES);
            const auto size = static_cast<std::uint64_t>(status.st_size);
            // A hole would be bytes that nobody has sent.
            if (offset != kEnd && offset > size)
                return failed(path, EINVAL);
            std::unique_ptr<Upload> out(new Upload(std::move(tree), std::move(path), options));
            out->file_ = *std::move(file);
            out->at_ = offset == kEnd ? size : offset;
            return out;
        }
    }
    return create(std::move(tree), std::move(path), options);
}

Result<void> Upload::write(Bytes data) {
    if (at_ + data.size() > options_.most)
        return failed(path_, EDQUOT);
    while (!data.empty()) {
        const ssize_t got = ::pwrite(file_.get(), data.data(), data.size(), static_cast<off_t>(at_));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return failed(path_);
        at_ += static_cast<std::uint64_t>(got);
        written_ += static_cast<std::uint64_t>(got);
        data.remove_prefix(static_cast<std::size_t>(got));
    }
    return {};
}

Result<void> Upload::show(bool replace) {
    const ActingAs user(tree_->owner());
    const unsigned flags = replace ? 0 : RENAME_NOREPLACE;
    if (::renameat2(folder_.get(), hidden_.c_str(), folder_.get(), name_.c_str(), flags) != 0)
        return failed(path_);
    hidden_.clear();
    return {};
}

Result<void> Upload::finish() {
    if (options_.sync && ::fdatasync(file_.get()) != 0)
        return failed(path_);
    if (hidden_.empty())
        return {};
    if (auto shown = show(true); !shown)
        return shown;
    if (!options_.sync)
        return {};
    auto folder = tree_->openAt(splitPath(path_).folder, O_RDONLY | O_DIRECTORY);
    if (!folder || ::fsync(folder->get()) != 0)
        return failed(path_);
    return {};
}

bool Upload::keepHalf() {
    return hidden_.empty() || (written_ > 0 && show(false));
}

} // namespace twistdpp::files
