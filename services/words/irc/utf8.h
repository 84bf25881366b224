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

} // namespace twistdpp::irc
