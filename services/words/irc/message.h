#pragma once
#include "twistdpp/irc/limits.h"

#include "twistdpp/base/bytes.h"

#include <array>
#include <cstdint>

namespace twistdpp::irc {

/// One line taken to pieces; all of it is borrowed from the line.
struct Message {
    Bytes tags;    ///< between '@' and the space, still escaped; see tags.h
    Bytes source;  ///< behind the ':', "nick!user@host" or a server's name; empty without one
    Bytes command; ///< as sent: letters of either case, or three digits
    std::array<Bytes, kMaxParams> params;
    std::uint8_t count = 0;

    /// The parameter, or empty bytes when there are not so many.
    Bytes param(std::size_t index) const noexcept { return index < count ? params[index] : Bytes(); }
    bool has(std::size_t index) const noexcept { return index < count; }
    Bytes last() const noexcept { return count > 0 ? params[count - 1U] : Bytes(); }
};

enum class ParseStatus : std::uint8_t {
    ok,
    empty,       ///< nothing but spaces, which is no error: such a line is passed over
    tagsTooLong, ///< more than `maxTags`: answered with 417
    malformed,   ///< a NUL or CR inside, or no command
};

/// Parses one line without its CRLF (modern.ircdocs.horse "Message Format"; RFC 1459 section 2.3.1). What is
/// longer than kMaxBody behind the tags is cut at a character's border, as if it had not been sent. Any
/// number of spaces separates; a last parameter with and without ':' are the same. Allocates nothing.
ParseStatus parseMessage(Bytes line, Message& out, std::size_t maxTags = kMaxClientTags) noexcept;

} // namespace twistdpp::irc
