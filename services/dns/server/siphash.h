#pragma once
#include "twistdpp/base/bytes.h"

#include <array>
#include <cstdint>

namespace twistdpp::dns {

/// SipHash-2-4 with 64 bits of result, as server cookies are made with (RFC 9018 section 4.4).
std::uint64_t sipHash24(const std::array<std::uint8_t, 16>& key, Bytes message) noexcept;

} // namespace twistdpp::dns
