#pragma once
#include "twistdpp/base/bytes.h"

#include <array>
#include <cstdint>
#include <optional>

/// The character classes of HTTP and URIs, one table for all parsers of this folder, and the readers of the
/// small grammars that many fields share: tokens, quoted strings, comma lists.
namespace twistdpp::http {

namespace chars {

/// A bit each; a byte may be of several classes.
enum Class : std::uint8_t {
    token = 1,      ///< tchar (RFC 9110 5.6.2): methods, field names, list elements
    fieldValue = 2, ///< what a field value may hold: visible, space, tab, obs-text (RFC 9110 5.5)
    target = 4, ///< what we take in a request-target: visible ASCII but '#', as browsers leave '|' unencoded
    unreserved = 8, ///< RFC 3986 2.3
    path = 16,      ///< pchar and '/' (RFC 3986 3.3): may stand unencoded in a path of ours
    query = 32,     ///< path and '?' (RFC 3986 3.4)
    etag = 64,      ///< etagc (RFC 9110 8.8.3): between the quotes of an entity tag
};

constexpr std::array<std::uint8_t, 256> makeTable() {
    std::array<std::uint8_t, 256> table{};
    constexpr Bytes tokenMarks = "!#$%&'*+-.^_`|~";
    constexpr Bytes pathMarks = "-._~!$&'()*+,;=:@/";
    for (unsigned c = 0; c < 256; ++c) {
        const char ch = static_cast<char>(c);
        const bool alnum = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        unsigned bits = 0;
        if (alnum || tokenMarks.find(ch) != Bytes::npos)
            bits |= token;
        if ((c >= 0x20 && c != 0x7f) || c == '\t')
            bits |= fieldValue;
        if (c > 0x20 && c < 0x7f && c != '#')
            bits |= target;
        if (alnum || c == '-' || c == '.' || c == '_' || c == '~')
            bits |= unreserved;
        if (alnum || (c < 0x80 && pathMarks.find(ch) != Bytes::npos))
            bits |= path | query;
        if (c == '?')
            bits |= query;
        if (c > 0x20 && c != 0x7f && c != '"')
            bits |= etag;
        table[c] = static_cast<std::uint8_t>(bits);
    }
    return table;
}

inline constexpr std::array<std::uint8_t, 256> kTable = makeTable();

constexpr bool is(char c, Class wanted) noexcept {
    return (kTable[static_cast<unsigned char>(c)] & wanted) != 0;
}

/// Whether every byte of `text` (also of empty text) is of the class.
constexpr bool all(Bytes text, Class wanted) noexcept {
    for (const char c : text) {
        if (!is(c, wanted))
            return false;
    }
    return true;
}

} // namespace chars

/// One or more tchar.
constexpr bool isToken(Bytes text) noexcept {
    return !text.empty() && chars::all(text, chars::token);
}

/// Whether `text` can be sent as a field value: no CR, LF, NUL or other control, no space at its ends.
bool isFieldValue(Bytes text) noexcept;

/// Walks the elements of a comma list (RFC 9110 5.6.1): trimmed, empty ones skipped; a comma inside a quoted
/// string does not separate. Not for entity tags, in which a backslash does not quote (see etag.h).
class ListReader {
public:
    explicit ListReader(Bytes list) noexcept : rest_(list) {}
    /// The next element, or nothing at the end.
    std::optional<Bytes> next() noexcept;
    /// Whether the list ended inside a quoted string; then the last element is not to be trusted.
    bool broken() const noexcept { return broken_; }

private:
    Bytes rest_;
    bool broken_ = false;
};

/// Splits "name;a=1;b=2" into what stands before the first ';' outside quotes and the parameters after it.
/// Both are trimmed.
struct Parameterised {
    Bytes value;
    Bytes parameters;
};
Parameterised splitParameters(Bytes element) noexcept;

/// A qvalue (RFC 9110 12.4.2) in thousandths: "0.5" is 500. Nothing when it is malformed or above 1.
std::optional<int> parseQuality(Bytes text) noexcept;

/// The q parameter of a list element's parameters: 1000 when there is none, nothing when one is malformed.
std::optional<int> qualityOf(Bytes parameters) noexcept;

} // namespace twistdpp::http
