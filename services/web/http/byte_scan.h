#pragma once
#include "twistdpp/http/tokens.h"

#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/// The inner loops of the head parsers: each looks for the first byte that ends an element, 16 bytes at a
/// time where the processor can, and never reads at or past `end`.
namespace twistdpp::http::scan {

#if defined(__SSE2__)
namespace detail {
inline __m128i load(const char* from) noexcept {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
}
/// All bits in each byte that is at most `most` as an unsigned number.
inline __m128i atMost(__m128i bytes, char most) noexcept {
    return _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(most)), bytes);
}
inline __m128i equal(__m128i bytes, char wanted) noexcept {
    return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(wanted));
}
inline unsigned mask(__m128i bytes) noexcept {
    return static_cast<unsigned>(_mm_movemask_epi8(bytes));
}
} // namespace detail
#endif

/// The first ':' or byte of at most 0x20: where a field name ends, well or badly.
inline std::uint32_t fieldNameEnd(const char* base, std::uint32_t at, std::uint32_t end) noexcept {
#if defined(__SSE2__)
    for (; end - at >= 16; at += 16) {
        const __m128i bytes = detail::load(base + at);
        const unsigned hits =
            detail::mask(_mm_or_si128(detail::atMost(bytes, 0x20), detail::equal(bytes, ':')));
        if (hits)
            return at + static_cast<std::uint32_t>(__builtin_ctz(hits));
    }
#endif
    while (at < end && base[at] != ':' && static_cast<unsigned char>(base[at]) > 0x20)
        ++at;
    return at;
}

/// The first byte that may not stand in a field value, CR being the lawful one.
inline std::uint32_t fieldValueEnd(const char* base, std::uint32_t at, std::uint32_t end) noexcept {
#if defined(__SSE2__)
    // A tab is lawful but rare, so it may stop the search: that is cheaper than looking for it each time.
    const auto stops = [](__m128i bytes) {
        return _mm_or_si128(detail::atMost(bytes, 0x1f), detail::equal(bytes, 0x7f));
    };
    while (end - at >= 16) {
        const unsigned hits = detail::mask(stops(detail::load(base + at)));
        if (!hits) {
            at += 16;
            continue;
        }
        at += static_cast<std::uint32_t>(__builtin_ctz(hits));
        if (base[at] != '\t')
            return at;
        ++at;
    }
#endif
    while (at < end && chars::is(base[at], chars::fieldValue))
        ++at;
    return at;
}

/// The first byte that may not stand in a request-target, space being the lawful one.
inline std::uint32_t targetEnd(const char* base, std::uint32_t at, std::uint32_t end) noexcept {
#if defined(__SSE2__)
    for (; end - at >= 16; at += 16) {
        const __m128i bytes = detail::load(base + at);
        // Compared as signed numbers, bytes above 0x7f are below 0x21 as well.
        const __m128i low = _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x21));
        const __m128i marks = _mm_or_si128(detail::equal(bytes, 0x7f), detail::equal(bytes, '#'));
        const unsigned hits = detail::mask(_mm_or_si128(low, marks));
        if (hits)
            return at + static_cast<std::uint32_t>(__builtin_ctz(hits));
    }
#endif
    while (at < end && chars::is(base[at], chars::target))
        ++at;
    return at;
}

} // namespace twistdpp::http::scan
