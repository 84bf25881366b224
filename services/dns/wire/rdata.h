#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/base/result.h"
#include "twistdpp/dns_wire/types.h"

#include <span>
#include <string>

namespace twistdpp::dns {

/// One word of a master file, escapes untouched. A quoted part within a word stays in it with its quotes, as
/// in alpn="h2,h3", and the blanks between them are part of the word.
struct Token {
    Bytes text;
    bool quoted = false; // it stood in double quotes, which are not part of it
};

/// Appends the wire form of a record's data, given as the words behind its type, to `to`. Relative names end
/// in `origin` (a wire name). The generic form `\# length hex` is taken for every type (RFC 3597 section 5)
/// and checked against the type when that is known. The error says which field is wrong and why, for example
/// "the address '1.2.3' is no IPv4 address"; `to` is then as it was.
Result<void> parseRdata(Type type, std::span<const Token> words, Bytes origin, std::string& to);

/// The text of a master file for valid wire data; the generic form for types without a text of their own, and
/// for data that does not fit its type.
std::string formatRdata(Type type, Bytes rdata);

/// Whether uncompressed data fits its type: lengths, names, bitmaps. Unknown types take anything.
bool validRdata(Type type, Bytes rdata) noexcept;

/// Appends the `length` bytes at `at` of the message to `to`, with compressed names written out. Names are
/// looked for where RFC 3597 section 4 lets a sender compress them, so data of an unknown type is copied as
/// it is. False when the data does not fit its type; `to` is then as it was.
bool expandRdata(Type type, Bytes message, std::size_t at, std::size_t length, std::string& to);

/// Appends canonical data (RFC 4034 section 6.2): names in lower case for the types that it lists.
void appendCanonicalRdata(Type type, Bytes rdata, std::string& to);

/// Which names of a type's data a sender may compress (RFC 3597 section 4): `count` names one behind the
/// other, after `skip` bytes. None for all but the types of RFC 1035.
struct CompressibleNames {
    unsigned skip, count;
};
constexpr CompressibleNames compressibleNames(Type type) noexcept {
    switch (type) {
    case Type::NS:
    case Type::MD:
    case Type::MF:
    case Type::CNAME:
    case Type::MB:
    case Type::MG:
    case Type::MR:
    case Type::PTR:
        return {0, 1};
    case Type::SOA:
    case Type::MINFO:
        return {0, 2};
    case Type::MX:
        return {2, 1};
    default:
        return {0, 0};
    }
}

} // namespace twistdpp::dns
