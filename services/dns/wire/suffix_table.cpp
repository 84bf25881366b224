#include "twistdpp/dns_wire/suffix_table.h"

#include "twistdpp/dns_wire/octets.h"

#include <cstring>

namespace twistdpp::dns {

namespace {

constinit thread_local SuffixTable table;

/// Up to eight bytes in one case of letters. A few bytes that are no letters become equal as well, which
/// costs a comparison and nothing else.
std::uint64_t word(const char* at, std::size_t size) noexcept {
    std::uint64_t value = 0;
    if (size >= 8) {
        std::memcpy(&value, at, 8);
    } else if (size >= 4) {
        std::uint32_t first, last;
        std::memcpy(&first, at, 4);
        std::memcpy(&last, at + size - 4, 4);
        value = first | std::uint64_t{last} << 32;
    } else if (size > 0) {
        value = get8(at) | std::uint64_t{get8(at + size / 2)} << 8 | std::uint64_t{get8(at + size - 1)} << 16;
    }
    return value | 0x2020202020202020U;
}

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) noexcept {
    hash = (hash ^ value) * 0x9e3779b97f4a7c15U;
    return hash ^ hash >> 32;
}

std::uint64_t hashLabel(std::uint64_t rest, const char* label, std::size_t size) noexcept {
    std::uint64_t hash = mix(rest, size);
    while (size > 8) {
        hash = mix(hash, word(label, 8));
        label += 8;
        size -= 8;
    }
    return mix(hash, word(label, size));
}

} // namespace

NameSuffixes::NameSuffixes(Bytes wireName) noexcept {
    for (std::size_t at = 0; wireName[at] != 0; at += 1U + get8(&wireName[at]))
        starts[labels++] = static_cast<std::uint8_t>(at);
    std::uint64_t hash = 0;
    for (unsigned i = labels; i-- > 0;) {
        const char* label = wireName.data() + starts[i];
        hash = hashLabel(hash, label + 1, get8(label));
        hashes[i] = static_cast<std::uint32_t>(hash);
    }
}

SuffixTable& SuffixTable::ofThisThread() noexcept {
    return table;
}

std::uint32_t SuffixTable::nextGeneration() noexcept {
    if (++generation_ == 0) { // once around: old slots must not look like new ones
        slots_.fill({});
        generation_ = 1;
    }
    return generation_;
}

std::uint16_t SuffixTable::insert(std::uint32_t generation, std::uint32_t hash, std::size_t offset) noexcept {
    for (unsigned probe = 0; probe < kProbes; ++probe) {
        const std::size_t at = (hash + probe) % kSlots;
        if (slots_[at].generation == generation)
            continue;
        slots_[at] = {generation, static_cast<std::uint16_t>(offset), tagOf(hash)};
        return static_cast<std::uint16_t>(at);
    }
    return kNoSlot;
}

void SuffixTable::remove(std::uint32_t generation, std::uint16_t slot) noexcept {
    if (slots_[slot].generation == generation)
        slots_[slot].generation = 0;
}

} // namespace twistdpp::dns
