#pragma once
#include "twistdpp/base/bytes.h"

#include <cstddef>
#include <string>

namespace twistdpp::utf8 {

/// Bytes of the character that `text` begins with; 0 when it begins with none (RFC 3629 section 4): no
/// overlong forms, no surrogates, nothing beyond U+10FFFF.
constexpr std::size_t characterSize(Bytes text) noexcept {
    const auto byte = [&](std::size_t at) -> unsigned {
        return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
    };
    const auto continues = [&](std::size_t at) { return (byte(at) & 0xc0U) == 0x80U; };
    if (text.empty())
        return 0;
    const unsigned first = byte(0);
    const unsigned second = byte(1);
    if (first < 0x80U)
        return 1;
    if (first >= 0xc2U && first <= 0xdfU)
        return continues(1) ? 2 : 0;
    if ((first & 0xf0U) == 0xe0U) {
        const bool shape = continues(1) && continues(2);
        const bool bad = (first == 0xe0U && second < 0xa0U) || (first == 0xedU && second >= 0xa0U);
        return shape && !bad ? 3 : 0;
    }
    if (first >= 0xf0U && first <= 0xf4U) {
        const bool shape = continues(1) && continues(2) && continues(3);
        const bool bad = (first == 0xf0U && second < 0x90U) || (first == 0xf4U && second >= 0x90U);
        return shape && !bad ? 4 : 0;
    }
    return 0;
}

/// Whether all of it is UTF-8.
constexpr bool isValid(Bytes text) noexcept {
    while (!text.empty()) {
        const std::size_t size = characterSize(text);
        if (size == 0)
            return false;
        text.remove_prefix(size);
    }
    return true;
}

/// The same text with U+FFFD for each byte that is part of no character.
inline std::string replaceInvalid(Bytes text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t size = characterSize(text);
        out.append(size == 0 ? Bytes("\xef\xbf\xbd") : text.substr(0, size));
        text.remove_prefix(size == 0 ? 1 : size);
    }
    return out;
}

} // namespace twistdpp::utf8
