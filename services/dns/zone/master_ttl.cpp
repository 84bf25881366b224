#include "twistdpp/dns_zone/master_ttl.h"

#include "twistdpp/base/ascii.h"

namespace twistdpp::dns {

namespace {

constexpr std::uint64_t unitSeconds(char unit) noexcept {
    switch (ascii::lower(unit)) {
    case 's':
        return 1;
    case 'm':
        return 60;
    case 'h':
        return 3600;
    case 'd':
        return 86'400;
    case 'w':
        return 604'800;
    default:
        return 0;
    }
}

} // namespace

const char* parseTtl(Bytes text, std::uint32_t& seconds) noexcept {
    constexpr const char* kNoTime = "is no time: write seconds, or numbers with the units w, d, h, m, s";
    std::uint64_t total = 0;
    bool units = false;
    for (std::size_t i = 0; i < text.size() || i == 0;) {
        if (i == text.size() || !ascii::isDigit(text[i]))
            return kNoTime;
        std::uint64_t number = 0;
        for (; i < text.size() && ascii::isDigit(text[i]); ++i) {
            number = number * 10 + static_cast<unsigned>(text[i] - '0');
            if (number > kMaxTtl)
                return "is above 2147483647 seconds (RFC 2181 section 8)";
        }
        std::uint64_t unit = 1;
        if (i < text.size()) {
            unit = unitSeconds(text[i++]);
            units = true;
        } else if (units) {
            unit = 0; // "1h30": nobody knows whether of what
        }
        if (unit == 0)
            return kNoTime;
        total += number * unit;
        if (total > kMaxTtl)
            return "is above 2147483647 seconds (RFC 2181 section 8)";
    }
    seconds = static_cast<std::uint32_t>(total);
    return nullptr;
}

} // namespace twistdpp::dns
