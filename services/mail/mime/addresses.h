#pragma once
#include "twistdpp/base/bytes.h"

#include <cstdint>
#include <string>
#include <vector>

namespace twistdpp::mime {

/// One of a list in a header: a mailbox, or the beginning or end of a group ("friends: ann@x, joe@y;").
struct AddressEntry {
    enum class Kind : std::uint8_t { mailbox, groupBegins, groupEnds };
    Kind kind = Kind::mailbox;
    std::string name;  // of the mailbox, or of the group that begins; encoded words as they stand
    std::string route; // "@a,@b", of old times
    std::string local; // without quotes
    std::string domain;
    bool operator==(const AddressEntry&) const = default;
};

/// Reads the value of From, To and their like (RFC 5322 section 3.4), the forms of old times too. What is no
/// address comes out as a local part; nothing is an error. A comment is the name where there is none else.
std::vector<AddressEntry> parseAddresses(Bytes text);

} // namespace twistdpp::mime
