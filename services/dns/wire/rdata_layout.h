#pragma once
#include "twistdpp/dns_wire/types.h"

#include <cstdint>
#include <span>

namespace twistdpp::dns {

/// The parts that record data is made of. How each is read, written and checked stands in rdata_parse.cpp,
/// rdata_format.cpp and rdata_field.cpp.
enum class Field : std::uint8_t {
    // Names, all without compression in stored data. They differ in RFC 3597 section 4 and RFC 4034 section
    // 6.2: whether a sender may have compressed them, and whether their canonical form is in lower case.
    compressedName, // senders compress it, lower case
    expandedName,   // old senders compressed it, lower case
    loweredName,    // never compressed, lower case
    plainName,      // never compressed, kept as it is
    // Numbers
    u8,
    u16,
    u32,
    seconds,     // u32, its text may have units
    time,        // u32, YYYYMMDDHHMMSS
    rrType,      // u16, the name of a type
    algorithm,   // u8, its text may be a name of RFC 4034 appendix A.1
    certificate, // u16, a name of RFC 4398 section 2.1
    // Bytes of a fixed length
    ipv4,
    ipv6,
    eui48,
    eui64,
    locator, // 64 bits as four hexadecimal numbers (RFC 6742)
    // Bytes with their length in front
    string,
    optionalString,
    tag,  // letters and digits (RFC 8659)
    salt, // hexadecimal, or "-"
    hash, // base32hex
    // All that is left
    strings, // one or more character-strings
    text,    // as one character-string without a length
    hex,     // one byte at least
    digest,  // twelve bytes at least (RFC 8976)
    base64,
    optionalBase64, // may be empty
    nsap,           // hexadecimal behind "0x"
    typeBitmap,     // RFC 4034 section 4.1.2
    nxtBitmap,      // RFC 2535 section 5.2
    // Parts with rules of their own
    svcParams,
    location,
    prefixes,
    services,
    gateway,
    relay,
    hostIdentity,
};

/// One part, and what an error calls it.
struct FieldInfo {
    Field kind;
    const char* what;
};

/// The parts of a type's data in order; none when the type is unknown or its data has no structure.
std::span<const FieldInfo> layoutOf(Type type) noexcept;

} // namespace twistdpp::dns
