#pragma once
#include "twistdpp/base/bytes.h"

#include <cstddef>

namespace twistdpp::irc {

/// Where to cut `text` so that at most `limit` bytes stay and no UTF-8 sequence is cut in two. Text that is
/// no UTF-8 is cut at the limit.
constexpr std::size_t utf8Boundary(Bytes text, std::size_t limit) noexcept {
    if (text.size() <= limit)
        return text.size();
    const auto continues = [&](std::size_t at) {
        return (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80U;
    };
    for (std::size_t at = limit; limit - at < 4; --at) {
        if (at == 0 || !continues(at))
            return at;
    }
    return limit;
}

/// Whether all of it is UTF-8 (RFC 3629 section 4): no overlong forms, no surrogates, nothing beyond
/// U+10FFFF.
constexpr bool isUtf8(Bytes text) noexcept {
    const auto byte = [&](std::size_t at) -> unsigned {
        return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
    };
    const auto continues = [&](std::size_t at) { return (byte(at) & 0xc0U) == 0x80U; };
    for (std::size_t at = 0; at < text.size();) {
        const unsigned first = byte(at);
        const unsigned second = byte(at + 1);
        if (first < 0x80U) {
            ++at;
        } else if (first >= 0xc2U && first <= 0xdfU && continues(at + 1)) {
            at += 2;
        } else if ((first & 0xf0U) == 0xe0U && continues(at + 1) && continues(at + 2)) {
            if ((first == 0xe0U && second < 0xa0U) || (first == 0xedU && second >= 0xa0U))
                return false;
            at += 3;
        } else if (first >= 0xf0U && first <= 0xf4U && continues(at + 1) && continues(at + 2) && continues(at + 3)) {
            if ((first == 0xf0U && second < 0x90U) || (first == 0xf4U && second >= 0x90U))
                return false;
            at += 4;
        } else {
            return false;
        }
    }
    return true;
}

} // namespace twistdpp::irc
