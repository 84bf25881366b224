#include "twistdpp/base/ascii.h"
#include "twistdpp/dns_wire/octets.h"
#include "twistdpp/dns_wire/rdata_field.h"

namespace twistdpp::dns {

namespace {

constexpr unsigned kIpv4 = 1, kIpv6 = 2; // address families
constexpr std::uint8_t kNegated = 0x80;

unsigned addressSize(unsigned family) noexcept {
    return family == kIpv4 ? 4 : 16;
}

/// "[!]family:address/length".
bool parsePrefix(RdataWords& words, const char* what) {
    const Token* word = words.next(what);
    Bytes rest = word->text;
    const bool negated = rest.starts_with('!');
    if (negated)
        rest.remove_prefix(1);
    const auto family = decimal(ascii::cut(rest, ':'), 0xffff);
    if (!family || (*family != kIpv4 && *family != kIpv6))
        return words.fail(what, word->text, "begins with no address family: 1 for IPv4, 2 for IPv6");
    const unsigned size = addressSize(*family);
    const Bytes address = ascii::cut(rest, '/');
    std::string& to = words.to();
    append16(to, static_cast<std::uint16_t>(*family));
    const std::size_t begin = to.size();
    const auto length = decimal(rest, size * 8);
    append8(to, static_cast<std::uint8_t>(length.value_or(0)));
    append8(to, 0);
    if (!length || !(*family == kIpv4 ? appendIpv4(address, to) : appendIpv6(address, to)))
        return words.fail(what, word->text, "is no address, slash and length of the prefix");
    while (to.size() > begin + 2 && to.back() == 0)
        to.pop_back();
    to[begin + 1] = static_cast<char>((negated ? kNegated : 0U) | (to.size() - begin - 2));
    return true;
}

} // namespace

std::size_t prefixesSize(Bytes rest) noexcept {
    for (std::size_t at = 0; at < rest.size();) {
        if (rest.size() - at < 4)
            return kBadField;
        const unsigned family = get16(&rest[at]);
        const unsigned prefix = get8(&rest[at + 2]);
        const std::size_t size = get8(&rest[at + 3]) & 0x7fU;
        if (rest.size() - at - 4 < size)
            return kBadField;
        if ((family == kIpv4 || family == kIpv6) &&
            (prefix > addressSize(family) * 8 || size > addressSize(family)))
            return kBadField;
        at += 4 + size;
    }
    return rest.size();
}

bool parsePrefixes(RdataWords& words, const char* what) {
    while (words.left() > 0) {
        if (!parsePrefix(words, what))
            return false;
    }
    return true;
}

bool formatPrefixes(Bytes field, std::string& to) {
    for (bool first = true; !field.empty(); first = false) {
        const unsigned family = get16(field.data());
        const std::size_t size = get8(&field[3]) & 0x7fU;
        const Bytes part = field.substr(4, size);
        if ((family != kIpv4 && family != kIpv6) || (size > 0 && part.back() == 0))
            return false;
        if (!first)
            to += ' ';
        if ((get8(&field[3]) & kNegated) != 0)
            to += '!';
        appendNumber(family, to);
        to += ':';
        std::string address(part);
        address.resize(addressSize(family));
        family == kIpv4 ? appendIpv4Text(address, to) : appendIpv6Text(address, to);
        to += '/';
        appendNumber(get8(&field[2]), to);
        field.remove_prefix(4 + size);
    }
    return true;
}

} // namespace twistdpp::dns
