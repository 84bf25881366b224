#include "twistdpp/dns_zone/master_ttl.h"

#include "twistdpp/dns_wire/rdata_words.h"

namespace twistdpp::dns {

const char* parseTtl(Bytes text, std::uint32_t& seconds) noexcept {
    const auto value = secondsFromText(text);
    if (!value)
        return "is no time: write seconds, or numbers with the units w, d, h, m, s (1h30m)";
    if (*value > kMaxTtl)
        return "is above 2147483647 seconds (RFC 2181 section 8)";
    seconds = *value;
    return nullptr;
}

} // namespace twistdpp::dns
