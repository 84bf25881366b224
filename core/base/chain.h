#pragma once
#include "twistdpp/base/buffer.h"
#include "twistdpp/base/bytes.h"
#include "twistdpp/base/file.h"

#include <cstddef>
#include <memory>
#include <sys/uio.h>
#include <utility>
#include <variant>
#include <vector>

namespace twistdpp {

/// The queue of what a transport has still to send, in order: bytes copied into chunks of 16 KiB that it
/// owns, shared Buffers, and ranges of files. Not thread-safe; owned by one transport.
class Chain {
public:
    static constexpr std::size_t kChunk = 16 * 1024;

    Chain() noexcept = default;
    /// What is moved from is empty and may be filled again.
    Chain(Chain&& other) noexcept
        : items_(std::move(other.items_)), head_(std::exchange(other.head_, 0)),
          size_(std::exchange(other.size_, 0)), files_(std::exchange(other.files_, 0)) {
        other.items_.clear();
    }
    Chain& operator=(Chain&& other) noexcept {
        Chain taken(std::move(other));
        items_.swap(taken.items_);
        std::swap(head_, taken.head_);
        std::swap(size_, taken.size_);
        std::swap(files_, taken.files_);
        return *this;
    }

    /// Copies into the last chunk, so that many small writes become one segment.
    void append(Bytes bytes);
    /// Shares `buffer`; a small one is copied, which is cheaper than one more segment.
    void append(Buffer buffer);
    void append(FileRange range);

    /// Fills up to `most` segments with what stands before the first file range; returns how many. The memory
    /// stays valid until consume() or append().
    int iov(iovec* segments, int most) const;
    /// The file range at the head, or nullptr when bytes (or nothing) stand there.
    const FileRange* file() const;
    /// Whether a file range follows the bytes at the head: then a header is worth holding back (MSG_MORE).
    bool fileFollows() const noexcept { return files_ > 0; }
    /// Takes `count` bytes away at the head, of memory or of the file range that file() named.
    void consume(std::size_t count);
    /// Drops everything; one chunk is kept for what comes next.
    void clear();

    /// Bytes in all, those of files included.
    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }

private:
    struct Chunk {
        std::unique_ptr<char[]> memory;
        std::size_t begin = 0;
        std::size_t end = 0;
    };
    using Item = std::variant<Chunk, Buffer, FileRange>;

    Chunk& room();
    void dropHead();

    std::vector<Item> items_;
    std::unique_ptr<char[]> spare_; // a chunk's memory, kept from one filling to the next
    std::size_t head_ = 0;          // items before it are spent
    std::size_t size_ = 0;
    std::size_t files_ = 0;
};

} // namespace twistdpp
