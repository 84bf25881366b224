#pragma once
#include "twistdpp/base/bytes.h"

#include <cstddef>
#include <memory>
#include <utility>

namespace twistdpp {

/// Bytes that must not stay in memory: overwritten when the object dies or gets another value. They live on
/// the heap, so that moving leaves no copy behind (a short std::string would).
class Secret {
public:
    Secret() noexcept = default;
    explicit Secret(Bytes bytes);
    Secret(const Secret& other) : Secret(other.bytes()) {}
    Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)), size_(std::exchange(other.size_, 0)) {}
    Secret& operator=(Secret other) noexcept {
        std::swap(bytes_, other.bytes_);
        std::swap(size_, other.size_);
        return *this;
    }
    ~Secret();

    Bytes bytes() const noexcept { return {bytes_.get(), size_}; }
    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }

private:
    std::unique_ptr<char[]> bytes_; // size_ bytes and a NUL, for C functions
    std::size_t size_ = 0;
};

/// Overwrites `size` bytes in a way that the compiler does not leave out.
void wipe(void* bytes, std::size_t size) noexcept;

/// Whether both are the same bytes. The time taken tells neither where they differ nor how long `expected`
/// is.
bool constantTimeEquals(Bytes expected, Bytes given) noexcept;

} // namespace twistdpp
