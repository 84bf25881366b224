#pragma once
#include <cstddef>

/// Sizes that the protocol fixes, in bytes (RFC 2812 section 2.3, IRCv3 message tags).
namespace twistdpp::irc {

/// A message without its tags and without the CRLF that ends it.
inline constexpr std::size_t kMaxBody = 510;
/// What a client may send as tags, with the '@' in front and the space behind.
inline constexpr std::size_t kMaxClientTags = 4096;
/// All tags that a server may send, with the '@' and the space: the client's and its own.
inline constexpr std::size_t kMaxTags = 8191;
/// Parameters of one message; the last takes what is left of the line.
inline constexpr std::size_t kMaxParams = 15;

} // namespace twistdpp::irc
