#include "twistdpp/dns_wire/name.h"

#include "twistdpp/dns_wire/octets.h"

#include <cstring>
#include <random>

namespace twistdpp::dns {

namespace {

const std::uint64_t kSeed = [] {
    std::random_device source;
    return static_cast<std::uint64_t>(source()) << 32 | source();
}();

std::uint64_t mix(std::uint64_t a, std::uint64_t b) noexcept {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

/// The hash of a name from that of its parent and its first label, length included. Reads up to seven bytes
/// behind the label and leaves them out of account.
std::uint64_t extend(std::uint64_t parent, const char* label) noexcept {
    std::size_t left = 1U + get8(label);
    std::uint64_t hash = parent;
    for (; left > 8; left -= 8, label += 8) {
        std::uint64_t word;
        std::memcpy(&word, label, 8);
        hash = mix(hash ^ word, 0x9e3779b97f4a7c15U);
    }
    std::uint64_t word;
    std::memcpy(&word, label, 8);
    word &= ~std::uint64_t{0} >> (64 - 8 * left);
    return mix(hash ^ word, 0xe7037ed1a0b428dbU);
}

/// 0x20 in each byte that is an upper-case letter.
std::uint64_t upperBits(std::uint64_t word) noexcept {
    constexpr std::uint64_t kHigh = 0x8080808080808080U;
    constexpr std::uint64_t kOnes = 0x0101010101010101U;
    const std::uint64_t low7 = word & ~kHigh;
    const std::uint64_t aboveA = low7 + kOnes * (0x80 - 'A');
    const std::uint64_t aboveZ = low7 + kOnes * (0x80 - 'Z' - 1);
    return ((aboveA & ~aboveZ & ~word) & kHigh) >> 2;
}

} // namespace

// Only little-endian machines put the label's first byte at the word's low end.
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);

void NameKey::assign(Bytes wireName) noexcept {
    size_ = static_cast<std::uint16_t>(wireName.size());
    std::memcpy(lower_.data(), wireName.data(), wireName.size());
    std::memset(lower_.data() + size_, 0, 8);
    for (std::size_t at = 0; at < size_; at += 8) {
        std::uint64_t word;
        std::memcpy(&word, lower_.data() + at, 8);
        word |= upperBits(word);
        std::memcpy(lower_.data() + at, &word, 8);
    }
    unsigned count = 0;
    std::size_t at = 0;
    while (lower_[at] != 0) {
        starts_[count++] = static_cast<std::uint8_t>(at);
        at += 1U + get8(&lower_[at]);
    }
    starts_[count] = static_cast<std::uint8_t>(at);
    labels_ = static_cast<std::uint8_t>(count);
    chain_[0] = kSeed;
    for (unsigned labels = 1; labels <= count; ++labels)
        chain_[labels] = extend(chain_[labels - 1], lower_.data() + starts_[count - labels]);
}

std::uint32_t NameKey::wildcardHash(unsigned labels) const noexcept {
    constexpr std::array<char, 8> asterisk{1, '*'};
    const std::uint64_t hash = extend(chain_[labels], asterisk.data());
    return static_cast<std::uint32_t>(hash ^ hash >> 32);
}

} // namespace twistdpp::dns
