#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/dns_wire/types.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace twistdpp::dns {

/// What a reply has of the query that it is for, and of this server.
struct ReplyHead {
    std::uint16_t id = 0;
    std::uint16_t flags = 0; // those to add to QR, RA and the rcode: RD, CD, AD
    Bytes name;              // in the asker's case
};

/// Writes a kept message (Answer::message) as the reply to one query: with its id, flags and name, and TTLs
/// less `age` seconds, or all `fixedTtl` when that is given. Returns the size; 0 when `out` is too small.
std::size_t writeReply(
    Bytes message, std::span<const std::uint16_t> ttls, std::uint32_t age,
    std::optional<std::uint32_t> fixedTtl, const ReplyHead& head, std::span<char> out
) noexcept;

/// A reply of a header and the question alone.
std::size_t
writeEmptyReply(Rcode rcode, Type type, Class klass, const ReplyHead& head, std::span<char> out) noexcept;

} // namespace twistdpp::dns
