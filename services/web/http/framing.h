#pragma once
#include "twistdpp/http/header_block.h"
#include "twistdpp/http/parse_result.h"

#include <cstdint>
#include <optional>

/// Where a message's body ends (RFC 9112 6), read so strictly that no other party can read it differently.
namespace twistdpp::http {

enum class BodyKind : std::uint8_t {
    none,       ///< the next message follows the head
    length,     ///< exactly contentLength bytes, at least one
    chunked,    ///< see ChunkedDecoder
    untilClose, ///< of responses only: what comes until the peer closes
};

struct Framing {
    BodyKind body = BodyKind::none;
    std::uint64_t contentLength = 0;
};

/// The value of the only Content-Length field: digits, at most 2^63-1. Signs, lists, repetition (also of the
/// same number) and emptiness are problems. Nothing in `value` when there is no such field.
struct ContentLength {
    std::optional<std::uint64_t> value;
    Problem problem;
};
ContentLength readContentLength(const HeaderBlock& headers) noexcept;

/// What the fields of a message of HTTP/1.`minor` say about its body, before the rules for particular methods
/// and statuses: `none` when they say nothing. Transfer-Encoding must be just "chunked", come without
/// Content-Length and not in HTTP/1.0. The problem's status is the one for a request (400 or 501).
Problem readFraming(const HeaderBlock& headers, int minor, Framing& framing) noexcept;

/// What Connection asks for (RFC 9110 7.6.1).
struct ConnectionOptions {
    bool close = false;
    bool keepAlive = false;
    bool upgrade = false;
};
/// An element that is not a token counts as "close": who sends one is not to be trusted with the next
/// message.
ConnectionOptions readConnection(const HeaderBlock& headers) noexcept;

/// Whether the connection may carry another message after this one of HTTP/1.`minor` (RFC 9112 9.3).
bool persists(const ConnectionOptions& options, int minor) noexcept;

} // namespace twistdpp::http
