#pragma once
#include "twistdpp/mime/part.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace twistdpp::imap {

/// What ENVELOPE gives of a message (RFC 9051 section 7.5.2), in its parentheses.
std::string envelopeOf(const mime::Part& message);
/// What BODY gives of it, or BODYSTRUCTURE when `extended`.
std::string bodyStructureOf(const mime::Part& message, bool extended);

/// Which part of a message is asked for: "BODY[1.2.HEADER.FIELDS (Subject)]" without "BODY[" and "]".
struct Section {
    enum class What : std::uint8_t { all, header, fields, notFields, text, mime };
    std::vector<std::uint32_t> parts; // from 1, as they nest
    What what = What::all;
    std::vector<std::string> names; // of fields, for fields and notFields

    /// As it is written, for the answer.
    std::string toString() const;
};

/// The bytes of a section; nothing when the message has no such part. `whole` is all of the message, lines
/// with CRLF, which `message` was read from.
std::optional<std::string> sectionOf(const mime::Part& message, Bytes whole, const Section& section);

/// What a part is without its transfer coding (RFC 9051 section 6.4.5, BINARY); nothing when there is no such
/// part. Without numbers it is all of the message, as it is.
struct Decoded {
    std::optional<std::string> content;
    bool known = true; // false: nobody knows its transfer coding
};
Decoded decodedPart(const mime::Part& message, Bytes whole, const std::vector<std::uint32_t>& parts);

} // namespace twistdpp::imap
