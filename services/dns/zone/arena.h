#pragma once
#include <cstddef>
#include <cstdint>

namespace twistdpp::dns {

/// Memory that grows at its end and is freed as a whole. Places in it are numbers of four-byte words, so that
/// they survive a move and need four bytes only; 0 is no place. It grows by moving pages, not by copying
/// (mremap).
class Arena {
public:
    using Ref = std::uint32_t;

    Arena() noexcept = default;
    Arena(Arena&& other) noexcept;
    Arena& operator=(Arena&& other) noexcept;
    ~Arena();

    /// Room for `bytes`, zeroed, at the end; throws std::bad_alloc. Pointers into the arena are void after
    /// it.
    Ref allocate(std::size_t bytes);
    /// Whether `ref` with its `bytes` is what was allocated last, and `more` bytes could be put behind it in
    /// place.
    bool extend(Ref ref, std::size_t bytes, std::size_t more);
    char* at(Ref ref) noexcept { return base_ + std::size_t{ref} * 4; }
    const char* at(Ref ref) const noexcept { return base_ + std::size_t{ref} * 4; }
    /// Gives back what is not used.
    void shrink() noexcept;
    std::size_t used() const noexcept { return used_; }

private:
    void grow(std::size_t bytes);

    char* base_ = nullptr;
    std::size_t used_ = 0, mapped_ = 0;
};

} // namespace twistdpp::dns
