#pragma once
#include "twistdpp/base/bytes.h"

#include <string>

/// Text as the protocols mean it: bytes of US-ASCII, whatever the locale.
namespace twistdpp::ascii {

constexpr char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}
constexpr char upper(char c) noexcept {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c & ~0x20) : c;
}
constexpr bool isDigit(char c) noexcept {
    return c >= '0' && c <= '9';
}
constexpr bool isAlpha(char c) noexcept {
    return lower(c) >= 'a' && lower(c) <= 'z';
}
/// The value of a hexadecimal digit, or -1.
constexpr int hexValue(char c) noexcept {
    if (isDigit(c))
        return c - '0';
    const char l = lower(c);
    return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

constexpr bool equalsIgnoreCase(Bytes a, Bytes b) noexcept {
    if (a.size() != b.size())
        return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (lower(a[i]) != lower(b[i]))
            return false;
    }
    return true;
}

inline std::string toLower(Bytes text) {
    std::string out(text);
    for (char& c : out)
        c = lower(c);
    return out;
}

/// Without the given characters (space and tab unless told otherwise) at both ends.
constexpr Bytes trim(Bytes text, Bytes characters = " \t") noexcept {
    const auto first = text.find_first_not_of(characters);
    if (first == Bytes::npos)
        return {};
    return text.substr(first, text.find_last_not_of(characters) - first + 1);
}

/// Cuts `text` at the first `separator`: returns what stands before it and leaves what follows in `text`.
/// Without a separator everything is returned and `text` becomes empty.
constexpr Bytes cut(Bytes& text, char separator) noexcept {
    const auto at = text.find(separator);
    const Bytes head = text.substr(0, at);
    text = at == Bytes::npos ? Bytes{} : text.substr(at + 1);
    return head;
}

} // namespace twistdpp::ascii
