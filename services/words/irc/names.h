#pragma once
#include "twistdpp/base/bytes.h"

namespace twistdpp::irc {

/// What begins a channel's name here (ISUPPORT CHANTYPES). RFC 2811 knows more kinds; only '#' and '&' have a
/// meaning on one server.
inline constexpr Bytes kChannelTypes = "#&";

/// Whether it is a nickname of at most `longest` bytes: letters, digits, -[]\`^{}|_ and any byte above 0x7f,
/// not beginning with a digit or '-' (RFC 2812 section 2.3.1, and what UTF-8 names need).
bool isNick(Bytes name, std::size_t longest) noexcept;
/// Whether it begins as a channel's name does.
constexpr bool looksLikeChannel(Bytes name) noexcept {
    return !name.empty() && kChannelTypes.find(name.front()) != Bytes::npos;
}
/// Whether it is a channel's name of at most `longest` bytes: no space, comma, BEL or other control
/// character.
bool isChannel(Bytes name, std::size_t longest) noexcept;
/// Whether it can be a user's name in "nick!user@host".
bool isUser(Bytes name, std::size_t longest) noexcept;
/// Whether it can be a channel's key: printable ASCII without space, comma and ':' in front.
bool isKey(Bytes key, std::size_t longest) noexcept;

/// "nick!user@host" taken to pieces; user and host are empty for a server's name.
struct Source {
    explicit Source(Bytes text) noexcept;
    Bytes nick, user, host;
};

} // namespace twistdpp::irc
