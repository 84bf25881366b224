#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/base/result.h"
#include "twistdpp/base/unique_fd.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace twistdpp::mail {

/// A message while it comes in: in memory while it is small, in a file without a name behind that, so that a
/// large one takes no more. Lines come with CRLF and are kept with LF, as files have them here. One thread at
/// a time; append() and copyTo() may block.
class MessageSpool {
public:
    /// How much is kept in memory, in bytes.
    static constexpr std::size_t kInMemory = 256 * 1024;

    /// `folder`: where the file is made when one is needed; on the disk where the message will lie.
    explicit MessageSpool(std::string folder) : folder_(std::move(folder)) {}

    /// Whether append() of so much would write to the file.
    bool wouldBlock(std::size_t more) const noexcept { return file_ || memory_.size() + more > kInMemory; }
    Result<void> append(Bytes data);

    /// Bytes as they are kept.
    std::uint64_t size() const noexcept { return size_; }
    /// Bytes with CRLF, as it is sent.
    std::uint64_t wireSize() const noexcept { return size_ + lines_; }
    std::uint64_t lines() const noexcept { return lines_; }
    /// All of it, as it is kept, when no file was needed. Borrowed.
    std::optional<Bytes> inMemory() const noexcept {
        return file_ ? std::nullopt : std::optional<Bytes>(memory_);
    }
    /// Writes all of it.
    Result<void> copyTo(int fd) const;
    /// Gives all of it in pieces, until `take` says false. May block.
    Result<void> read(const std::function<bool(Bytes piece)>& take) const;

private:
    Result<void> spill();

    std::string folder_;
    std::string memory_;
    UniqueFd file_;
    std::uint64_t size_ = 0;
    std::uint64_t lines_ = 0;
};

/// Writes all of `data`, however often it takes.
Result<void> writeAll(int fd, Bytes data, const std::string& path);

} // namespace twistdpp::mail
