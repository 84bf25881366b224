#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/base/result.h"

#include <cstdint>
#include <memory>
#include <string>

namespace twistdpp::dns {

/// The whole of a text in memory, with a line end behind its last byte that does not count: scanners run into
/// it and need not look for the end at every byte. A value that is moved.
class TextFile {
public:
    /// Reads a regular file of at most 4 GiB; blocks as a disk does. It is read and not mapped, since a
    /// mapped file that an editor cuts short ends the process (SIGBUS). The error names the path.
    static Result<TextFile> read(const std::string& path);
    static TextFile copy(Bytes text);

    Bytes text() const noexcept { return {bytes_.get(), size_}; }
    /// Whether both were read from one file, whatever it was called.
    bool isSameFile(const TextFile& other) const noexcept {
        return inode_ != 0 && inode_ == other.inode_ && device_ == other.device_;
    }
    /// "begins with a byte order mark ..." when it does, else nullptr. `bytes` is its size, or 0 when the
    /// text that follows is no UTF-8 and cannot be read.
    const char* byteOrderMark(std::size_t& bytes) const noexcept;

private:
    std::unique_ptr<char[]> bytes_;
    std::size_t size_ = 0;
    std::uint64_t device_ = 0, inode_ = 0;
};

/// `text` between apostrophes for a message of one line: what is not printable is escaped as in master files,
/// and of a long text only the beginning is shown.
std::string quoted(Bytes text);

} // namespace twistdpp::dns
