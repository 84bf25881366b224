#pragma once
#include "twistdpp/base/bytes.h"

#include <cstring>

namespace twistdpp {

/// What ends a line. Where the line's end has a meaning for security (SMTP, HTTP) only CRLF is safe: two
/// programs that disagree on where a message ends can be made to see different messages.
enum class LineEnd {
    crlf,     // "\r\n" and nothing else
    crlfOrLf, // a bare "\n" too, for people with a terminal
};

/// The offset in `text` of the LF that ends a line, when `before` stood in front of it; npos when there is
/// none.
inline std::size_t findLineEnd(Bytes before, Bytes text, LineEnd lineEnd) noexcept {
    std::size_t from = 0;
    while (from < text.size()) {
        const void* found = std::memchr(text.data() + from, '\n', text.size() - from);
        if (!found)
            break;
        const auto at = static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
        const bool afterCr = at > 0 ? text[at - 1] == '\r' : !before.empty() && before.back() == '\r';
        if (afterCr || lineEnd == LineEnd::crlfOrLf)
            return at;
        from = at + 1;
    }
    return Bytes::npos;
}

/// The line without the CR that stood before its LF.
inline Bytes withoutCr(Bytes line) noexcept {
    if (!line.empty() && line.back() == '\r')
        line.remove_suffix(1);
    return line;
}

} // namespace twistdpp
