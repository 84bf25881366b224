#pragma once
#include "twistdpp/base/bytes.h"

#include <string>
#include <utility>

namespace twistdpp::smtp {

/// What a server says (RFC 5321 section 4.2), with its enhanced code (RFC 3463). A value.
struct Reply {
    Reply() = default;
    /// `enhanced` is "2.1.0", or empty for what has none: the greeting, EHLO, 354. `text` may have several
    /// lines, with '\n' between.
    Reply(int number, Bytes status, Bytes words) : code(number), enhanced(status), text(words) {}

    int code = 0;
    std::string enhanced;
    std::string text;

    /// No answer: the connection is cut, as if the server had died.
    static Reply none() { return {}; }
    bool positive() const noexcept { return code >= 200 && code < 400; }
    /// The lines of the answer, each with its CRLF. Whatever is in the text, no line is added by it but where
    /// it has '\n', and none is longer than 512 bytes.
    std::string toString() const;
};

} // namespace twistdpp::smtp
