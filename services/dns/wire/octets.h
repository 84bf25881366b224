#pragma once
#include "twistdpp/base/bytes.h"

#include <cstddef>
#include <cstdint>
#include <string>

/// Numbers in network order (RFC 1035 section 2.3.2). The caller has checked that there is room.
namespace twistdpp::dns {

inline std::uint8_t get8(const char* at) noexcept {
    return static_cast<std::uint8_t>(*at);
}
inline std::uint16_t get16(const char* at) noexcept {
    return static_cast<std::uint16_t>(get8(at) << 8 | get8(at + 1));
}
inline std::uint32_t get32(const char* at) noexcept {
    return static_cast<std::uint32_t>(get16(at)) << 16 | get16(at + 2);
}
inline void put8(char* at, std::uint8_t value) noexcept {
    *at = static_cast<char>(value);
}
inline void put16(char* at, std::uint16_t value) noexcept {
    at[0] = static_cast<char>(value >> 8);
    at[1] = static_cast<char>(value & 0xff);
}
inline void put32(char* at, std::uint32_t value) noexcept {
    put16(at, static_cast<std::uint16_t>(value >> 16));
    put16(at + 2, static_cast<std::uint16_t>(value & 0xffff));
}
inline void append8(std::string& to, std::uint8_t value) {
    to.push_back(static_cast<char>(value));
}
inline void append16(std::string& to, std::uint16_t value) {
    to.push_back(static_cast<char>(value >> 8));
    to.push_back(static_cast<char>(value & 0xff));
}
inline void append32(std::string& to, std::uint32_t value) {
    append16(to, static_cast<std::uint16_t>(value >> 16));
    append16(to, static_cast<std::uint16_t>(value & 0xffff));
}

} // namespace twistdpp::dns
