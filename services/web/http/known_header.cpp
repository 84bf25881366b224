#include "twistdpp/http/known_header.h"

#include <array>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace twistdpp::http {

namespace {

constexpr std::array<Bytes, kKnownHeaders> kNames = {
    "Accept",
    "Accept-Encoding",
    "Accept-Language",
    "Accept-Ranges",
    "Age",
    "Allow",
    "Authorization",
    "Cache-Control",
    "Connection",
    "Content-Disposition",
    "Content-Encoding",
    "Content-Length",
    "Content-Range",
    "Content-Type",
    "Cookie",
    "Date",
    "Depth",
    "Destination",
    "ETag",
    "Expect",
    "Expires",
    "Forwarded",
    "Host",
    "If",
    "If-Match",
    "If-Modified-Since",
    "If-None-Match",
    "If-Range",
    "If-Unmodified-Since",
    "Keep-Alive",
    "Last-Modified",
    "Location",
    "Max-Forwards",
    "Origin",
    "Pragma",
    "Priority",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "Proxy-Connection",
    "Range",
    "Referer",
    "Retry-After",
    "Sec-CH-UA",
    "Sec-CH-UA-Mobile",
    "Sec-CH-UA-Platform",
    "Sec-Fetch-Dest",
    "Sec-Fetch-Mode",
    "Sec-Fetch-Site",
    "Sec-Fetch-User",
    "Sec-WebSocket-Key",
    "Sec-WebSocket-Version",
    "Server",
    "Set-Cookie",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
    "Upgrade-Insecure-Requests",
    "User-Agent",
    "Vary",
    "Via",
    "WWW-Authenticate",
    "X-Forwarded-For",
};

constexpr std::size_t kLongest = 32;
constexpr std::size_t kSlots = 512;
using Padded = std::array<char, kLongest>;

constexpr unsigned fold(char c) {
    return static_cast<unsigned char>(c) | 0x20u;
}

constexpr std::size_t slotOf(Bytes name, unsigned seed) {
    const unsigned mixed = (static_cast<unsigned>(name.size()) << 24) ^ (fold(name.front()) << 16) ^
                           (fold(name[name.size() / 2]) << 8) ^
                           fold(name[name.size() >= 3 ? name.size() - 3 : 0]);
    return (mixed * seed) >> 23;
}

struct Table {
    unsigned seed = 0;
    std::array<std::uint8_t, kSlots> slots{};
    std::array<std::uint8_t, kKnownHeaders> sizes{};
    std::array<Padded, kKnownHeaders> folded{};
};

/// Looks for a multiplier under which no two names share a slot, so that one comparison settles a look-up.
/// The one it begins with fits the names above; after a change of them the compiler looks on from there.
constexpr Table makeTable() {
    Table table;
    for (unsigned seed = 0x7ce42c83u;; seed += 2) {
        for (auto& slot : table.slots)
            slot = static_cast<std::uint8_t>(kKnownHeaders);
        bool collides = false;
        for (std::size_t i = 0; i < kKnownHeaders && !collides; ++i) {
            auto& slot = table.slots[slotOf(kNames[i], seed)];
            collides = slot != kKnownHeaders;
            slot = static_cast<std::uint8_t>(i);
        }
        if (!collides) {
            table.seed = seed;
            break;
        }
    }
    for (std::size_t i = 0; i < kKnownHeaders; ++i) {
        table.sizes[i] = static_cast<std::uint8_t>(kNames[i].size());
        for (std::size_t k = 0; k < kNames[i].size(); ++k)
            table.folded[i][k] = static_cast<char>(fold(kNames[i][k]));
    }
    return table;
}

constexpr Table kTable = makeTable();

template <class Word>
Word load(const char* from) noexcept {
    Word word;
    std::memcpy(&word, from, sizeof word);
    return word;
}

template <class Word>
bool sameWord(const char* text, const char* folded) noexcept {
    return (load<Word>(text) | static_cast<Word>(0x2020202020202020u)) == load<Word>(folded);
}

/// Compares by whole words, the last of which overlaps the one before it.
bool sameName(const char* text, const char* folded, std::size_t size) noexcept {
    if (size >= 8) {
        for (std::size_t i = 0; i + 8 < size; i += 8) {
            if (!sameWord<std::uint64_t>(text + i, folded + i))
                return false;
        }
        return sameWord<std::uint64_t>(text + size - 8, folded + size - 8);
    }
    if (size >= 4)
        return sameWord<std::uint32_t>(text, folded) &&
               sameWord<std::uint32_t>(text + size - 4, folded + size - 4);
    for (std::size_t i = 0; i < size; ++i) {
        if (fold(text[i]) != static_cast<unsigned char>(folded[i]))
            return false;
    }
    return true;
}

/// The same with whole vectors, which read kLongest bytes of `text`.
bool sameNameReadable(const char* text, const char* folded, std::size_t size) noexcept {
#if defined(__SSE2__)
    const auto differs = [&](std::size_t at) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + at));
        const __m128i wanted = _mm_loadu_si128(reinterpret_cast<const __m128i*>(folded + at));
        const __m128i equal = _mm_cmpeq_epi8(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), wanted);
        return ~static_cast<unsigned>(_mm_movemask_epi8(equal)) & 0xffffu;
    };
    if (size <= 16)
        return (differs(0) << (16 - size) & 0xffffu) == 0;
    return differs(0) == 0 && (differs(16) << (32 - size) & 0xffffu) == 0;
#else
    return sameName(text, folded, size);
#endif
}

/// The index of the only known name that `name` can be; kKnownHeaders when there is none.
std::size_t candidate(Bytes name) noexcept {
    if (name.empty() || name.size() > kLongest)
        return kKnownHeaders;
    const std::size_t index = kTable.slots[slotOf(name, kTable.seed)];
    return index < kKnownHeaders && kTable.sizes[index] == name.size() ? index : kKnownHeaders;
}

} // namespace

KnownHeader knownHeader(Bytes name, std::size_t readable) noexcept {
    const std::size_t index = candidate(name);
    if (index == kKnownHeaders)
        return KnownHeader::none;
    const char* folded = kTable.folded[index].data();
    const bool same = readable >= kLongest ? sameNameReadable(name.data(), folded, name.size())
                                           : sameName(name.data(), folded, name.size());
    return same ? static_cast<KnownHeader>(index) : KnownHeader::none;
}

KnownHeader knownHeader(Bytes name) noexcept {
    return knownHeader(name, name.size());
}

Bytes headerName(KnownHeader header) noexcept {
    const auto index = static_cast<std::size_t>(header);
    return index < kKnownHeaders ? kNames[index] : Bytes{};
}

} // namespace twistdpp::http
