#include "twistdpp/dns_zone/arena.h"

#include <algorithm>
#include <new>
#include <sys/mman.h>
#include <utility>

namespace twistdpp::dns {

namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kMost = std::size_t{0xffffffffU} * 4; // what a Ref can name

constexpr std::size_t wholePages(std::size_t bytes) noexcept {
    return (bytes + kPage - 1) / kPage * kPage;
}
constexpr std::size_t wholeWords(std::size_t bytes) noexcept {
    return (bytes + 3) / 4 * 4;
}

} // namespace

Arena::Arena(Arena&& other) noexcept
    : base_(std::exchange(other.base_, nullptr)), used_(std::exchange(other.used_, 0)),
      mapped_(std::exchange(other.mapped_, 0)) {}

Arena& Arena::operator=(Arena&& other) noexcept {
    std::swap(base_, other.base_);
    std::swap(used_, other.used_);
    std::swap(mapped_, other.mapped_);
    return *this;
}

Arena::~Arena() {
    if (base_)
        ::munmap(base_, mapped_);
}

void Arena::grow(std::size_t bytes) {
    if (bytes <= mapped_)
        return;
    if (bytes > kMost)
        throw std::bad_alloc();
    const std::size_t size = wholePages(std::max(bytes, mapped_ + mapped_ / 2));
    void* place = base_ ? ::mremap(base_, mapped_, size, MREMAP_MAYMOVE)
                        : ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (place == MAP_FAILED)
        throw std::bad_alloc();
    base_ = static_cast<char*>(place);
    mapped_ = size;
}

Arena::Ref Arena::allocate(std::size_t bytes) {
    const std::size_t at = std::max<std::size_t>(used_, 4); // place 0 means none
    grow(at + wholeWords(bytes));
    used_ = at + wholeWords(bytes);
    return static_cast<Ref>(at / 4);
}

bool Arena::extend(Ref ref, std::size_t bytes, std::size_t more) {
    const std::size_t begin = std::size_t{ref} * 4;
    if (begin + wholeWords(bytes) != used_)
        return false;
    grow(begin + wholeWords(bytes + more));
    used_ = begin + wholeWords(bytes + more);
    return true;
}

void Arena::shrink() noexcept {
    const std::size_t size = wholePages(used_);
    if (!base_ || size == mapped_)
        return;
    if (void* place = ::mremap(base_, mapped_, size, MREMAP_MAYMOVE); place != MAP_FAILED) {
        base_ = static_cast<char*>(place);
        mapped_ = size;
    }
}

} // namespace twistdpp::dns
