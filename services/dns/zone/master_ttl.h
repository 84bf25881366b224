#pragma once
#include "twistdpp/base/bytes.h"

#include <cstdint>

namespace twistdpp::dns {

/// The longest time a record may be kept, in seconds (RFC 2181 section 8).
constexpr std::uint32_t kMaxTtl = 0x7fffffff;

/// A time of a master file in seconds: "3600", or with the units that all servers take, in any case of
/// letters: "1w2d3h4m5s". The error is a string literal that continues "the TTL 'x'"; nullptr when all is
/// well.
const char* parseTtl(Bytes text, std::uint32_t& seconds) noexcept;

} // namespace twistdpp::dns
