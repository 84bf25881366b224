#pragma once
#include "twistdpp/base/bytes.h"

#include <atomic>
#include <cstddef>
#include <string>
#include <utility>

namespace twistdpp {

/// Owned bytes behind a reference count: copying and slicing share them, nothing changes them once they are
/// made. The count is atomic, so that a Buffer made on one reactor may be sent by another.
class Buffer {
public:
    Buffer() noexcept = default;
    /// Copies `bytes` once.
    explicit Buffer(Bytes bytes) : Buffer(bytes.size(), [&](char* to) { bytes.copy(to, bytes.size()); }) {}
    /// Makes `size` bytes and lets `fill(char*)` write them: no copy at all.
    template <class Fill>
    Buffer(std::size_t size, Fill fill) {
        if (size == 0)
            return;
        block_ = allocate(size);
        data_ = reinterpret_cast<char*>(block_ + 1);
        size_ = size;
        // The destructor does not run for an object whose constructor throws.
        struct Guard {
            ~Guard() {
                if (failed)
                    buffer.release();
            }
            Buffer& buffer;
            bool failed = true;
        } guard{*this};
        fill(const_cast<char*>(data_));
        guard.failed = false;
    }
    Buffer(const Buffer& other) noexcept : block_(other.block_), data_(other.data_), size_(other.size_) {
        if (block_)
            block_->references.fetch_add(1, std::memory_order_relaxed);
    }
    Buffer(Buffer&& other) noexcept
        : block_(std::exchange(other.block_, nullptr)), data_(std::exchange(other.data_, nullptr)),
          size_(std::exchange(other.size_, 0)) {}
    Buffer& operator=(Buffer other) noexcept {
        std::swap(block_, other.block_);
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        return *this;
    }
    ~Buffer() { release(); }

    const char* data() const noexcept { return data_; }
    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }
    Bytes bytes() const noexcept { return {data_, size_}; }
    operator Bytes() const noexcept { return bytes(); }

    /// The same memory from `offset` on, at most `count` bytes; O(1).
    Buffer slice(std::size_t offset, std::size_t count = Bytes::npos) const {
        Buffer part(*this);
        if (offset > size_)
            offset = size_;
        part.data_ += offset;
        part.size_ = count < size_ - offset ? count : size_ - offset;
        return part;
    }

private:
    struct Block {
        std::atomic<std::size_t> references{1};
    };
    static Block* allocate(std::size_t size) { return ::new (::operator new(sizeof(Block) + size)) Block; }
    void release() noexcept {
        if (block_ && block_->references.fetch_sub(1, std::memory_order_acq_rel) == 1) {
            block_->~Block();
            ::operator delete(block_);
        }
    }

    Block* block_ = nullptr;
    const char* data_ = nullptr;
    std::size_t size_ = 0;
};

} // namespace twistdpp
