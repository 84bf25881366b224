#pragma once
#include "twistdpp/dns_wire/name.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace twistdpp::dns {

/// Where each label of a name begins, and a hash of what follows from there, without the case of letters. For
/// the compression of one message; not seeded, so nothing that lives longer may rely on it.
struct NameSuffixes {
    explicit NameSuffixes(Bytes wireName) noexcept;

    unsigned labels = 0; // without the root
    std::array<std::uint8_t, kMaxLabels> starts;
    std::array<std::uint32_t, kMaxLabels> hashes;
};

/// The suffixes of the names that stand in a message, by their hash. All writers of a thread share one table:
/// a slot belongs to the writer whose generation it carries and is free to all others, so a new writer has
/// nothing to clear. A writer that loses a slot to another one compresses less, and never wrongly.
class SuffixTable {
public:
    static constexpr unsigned kSlots = 2048;
    static constexpr unsigned kProbes = 16;
    static constexpr std::uint16_t kNoSlot = 0xffff;

    static SuffixTable& ofThisThread() noexcept;
    std::uint32_t nextGeneration() noexcept;

    /// The first offset with that hash which `matches`, or 0.
    template <class Matches>
    std::size_t find(std::uint32_t generation, std::uint32_t hash, Matches matches) const noexcept {
        for (unsigned probe = 0; probe < kProbes; ++probe) {
            const Slot& slot = slots_[(hash + probe) % kSlots];
            if (slot.generation != generation)
                return 0;
            if (slot.tag == tagOf(hash) && matches(std::size_t{slot.offset}))
                return slot.offset;
        }
        return 0;
    }
    /// The slot it went to, or kNoSlot when all slots nearby are taken.
    std::uint16_t insert(std::uint32_t generation, std::uint32_t hash, std::size_t offset) noexcept;
    /// In the reverse order of insert(), or names behind it are found no more.
    void remove(std::uint32_t generation, std::uint16_t slot) noexcept;

private:
    struct Slot {
        std::uint32_t generation;
        std::uint16_t offset, tag;
    };
    /// Bits of the hash that do not choose the slot.
    static std::uint16_t tagOf(std::uint32_t hash) noexcept { return static_cast<std::uint16_t>(hash >> 16); }

    std::array<Slot, kSlots> slots_{};
    std::uint32_t generation_ = 0;
};

} // namespace twistdpp::dns
