#pragma once
#include "twistdpp/mime/fields.h"

#include <cstddef>
#include <string>
#include <vector>

namespace twistdpp::mime {

/// A message, or a part of one (RFC 2045, RFC 2046). Borrowed from the message's bytes, whose lines may end
/// with LF or CRLF.
struct Part {
    Bytes header; // with the empty line that ends it
    Bytes body;
    std::vector<Field> fields;
    Parameterised type; // "text/plain" where none is given
    std::string encoding;
    std::vector<Part> parts; // of multipart/*; of message/rfc822, the one message

    bool isMultipart() const noexcept { return type.value.starts_with("multipart/"); }
    /// "attachment", "inline", or empty.
    std::string disposition() const;
    /// Without folders and control characters, in UTF-8; empty when it has no name.
    std::string fileName() const;
    /// Content-ID without its brackets.
    std::string contentId() const;
    /// The body without its transfer coding.
    std::string content() const;
    /// The same in UTF-8, of a text.
    std::string text() const;
};

/// Deepest nesting and most parts that are looked into; what is beyond stays one part.
inline constexpr std::size_t kDeepest = 32;
inline constexpr std::size_t kMostParts = 1000;

/// Reads a message. Whatever it is, something comes of it.
Part parseMessage(Bytes message);

/// What people see of a message first.
struct Overview {
    const Part* text = nullptr;           // text/plain; nullptr: none
    const Part* html = nullptr;           // text/html
    std::vector<const Part*> attachments; // everything else that has no parts, in its order
};
Overview overviewOf(const Part& message);

} // namespace twistdpp::mime
