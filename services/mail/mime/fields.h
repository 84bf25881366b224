#pragma once
#include "twistdpp/base/bytes.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace twistdpp::mime {

/// A field of a header, borrowed from it: as it stands there, folded and encoded.
struct Field {
    Bytes name;
    Bytes value; // without the line's end
};

/// The fields of a header in their order. Lines that belong to none are passed over.
std::vector<Field> fieldsOf(Bytes header);
/// The value of the first field of that name in any case, unfolded; nothing when there is none.
std::optional<std::string> fieldOf(const std::vector<Field>& fields, Bytes name);

/// One line of it: the line ends of a folded field taken out (RFC 5322 section 2.2.3).
std::string unfold(Bytes value);
/// What people read, in UTF-8: "=?utf-8?q?caf=C3=A9?=" is "café" (RFC 2047). What is none stays.
std::string decodeWords(Bytes text);

/// The value of Content-Type and Content-Disposition: "text/plain; charset=utf-8".
struct Parameterised {
    std::string value;                             // lower case
    std::map<std::string, std::string> parameters; // by name in lower case, in UTF-8
    /// The same as they came, in their order: pieces and codings are not put together.
    std::vector<std::pair<std::string, std::string>> raw;

    /// The value of a parameter; empty when there is none.
    std::string get(const std::string& name) const;
    /// Pieces and character sets (RFC 2231) are put together.
    static Parameterised parse(Bytes text);
};

} // namespace twistdpp::mime
