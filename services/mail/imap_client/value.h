#pragma once
#include "twistdpp/base/bytes.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace twistdpp::imap {

/// A part of what a server sends (RFC 9051 section 4): an atom or number, a string, NIL, or a list of such. A
/// value.
struct Value {
    enum class Kind : std::uint8_t { atom, string, nil, list };
    Kind kind = Kind::nil;
    std::string text;         // of atom and string
    std::vector<Value> items; // of list

    bool isAtom(Bytes word) const noexcept; // in any case
    std::optional<std::uint32_t> number() const noexcept;
    std::optional<std::uint64_t> number64() const noexcept;
};

/// Reads a response without its last line's end, literals in their place ("{3}\r\nabc"): "1 FETCH (FLAGS
/// (\Seen))". Atoms may have brackets with anything inside ("BODY[HEADER.FIELDS (Subject)]<0>"). Nothing when
/// lists and strings do not end, or nest too deep.
std::optional<std::vector<Value>> readValues(Bytes text);

} // namespace twistdpp::imap
