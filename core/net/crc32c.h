#pragma once
#include "twistdpp/base/bytes.h"

#include <array>
#include <cstdint>

namespace twistdpp {

namespace detail {
constexpr std::array<std::uint32_t, 256> makeCrc32cTable() noexcept {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit)
            value = (value >> 1) ^ ((value & 1) != 0 ? 0x82f63b78U : 0U);
        table[i] = value;
    }
    return table;
}
inline constexpr auto crc32cTable = makeCrc32cTable();
} // namespace detail

/// The Castagnoli checksum (RFC 3720, appendix B.4). Continue by passing the result for what came before.
constexpr std::uint32_t crc32c(Bytes data, std::uint32_t before = 0) noexcept {
    std::uint32_t value = ~before;
    for (const char c : data)
        value = (value >> 8) ^ detail::crc32cTable[(value ^ static_cast<unsigned char>(c)) & 0xff];
    return ~value;
}

} // namespace twistdpp
