#include "twistdpp/base/ascii.h"
#include "twistdpp/dns_wire/rdata_field.h"

#include <array>
#include <chrono>
#include <utility>

namespace twistdpp::dns {

namespace {

/// IANA's registry "DNS Security Algorithm Numbers".
constexpr std::array<std::pair<Bytes, std::uint8_t>, 16> kAlgorithms{{
    {"RSAMD5", 1},
    {"DH", 2},
    {"DSA", 3},
    {"RSASHA1", 5},
    {"DSA-NSEC3-SHA1", 6},
    {"RSASHA1-NSEC3-SHA1", 7},
    {"RSASHA256", 8},
    {"RSASHA512", 10},
    {"ECC-GOST", 12},
    {"ECDSAP256SHA256", 13},
    {"ECDSAP384SHA384", 14},
    {"ED25519", 15},
    {"ED448", 16},
    {"INDIRECT", 252},
    {"PRIVATEDNS", 253},
    {"PRIVATEOID", 254},
}};

constexpr std::array<std::pair<Bytes, std::uint16_t>, 10> kCertificates{{
    {"PKIX", 1},
    {"SPKI", 2},
    {"PGP", 3},
    {"IPKIX", 4},
    {"ISPKI", 5},
    {"IPGP", 6},
    {"ACPKIX", 7},
    {"IACPKIX", 8},
    {"URI", 253},
    {"OID", 254},
}};

} // namespace

std::optional<std::uint8_t> algorithmFromText(Bytes text) noexcept {
    if (const auto number = decimal(text, 0xff))
        return static_cast<std::uint8_t>(*number);
    for (const auto& [name, number] : kAlgorithms) {
        if (ascii::equalsIgnoreCase(name, text))
            return number;
    }
    return std::nullopt;
}

std::optional<std::uint16_t> certificateFromText(Bytes text) noexcept {
    if (const auto number = decimal(text, 0xffff))
        return static_cast<std::uint16_t>(*number);
    for (const auto& [name, number] : kCertificates) {
        if (ascii::equalsIgnoreCase(name, text))
            return number;
    }
    return std::nullopt;
}

void appendCertificateText(std::uint16_t type, std::string& to) {
    for (const auto& [name, number] : kCertificates) {
        if (number == type) {
            to += name;
            return;
        }
    }
    appendNumber(type, to);
}

std::optional<std::uint32_t> timeFromText(Bytes text) noexcept {
    if (text.size() != 14)
        return decimal(text, 0xffffffff);
    using namespace std::chrono;
    const auto part = [&](std::size_t at, std::size_t size, unsigned least, unsigned most) {
        const auto value = decimal(text.substr(at, size), most);
        return value && *value >= least ? value : std::nullopt;
    };
    const auto y = part(0, 4, 1970, 2106), mo = part(4, 2, 1, 12), d = part(6, 2, 1, 31);
    const auto h = part(8, 2, 0, 23), mi = part(10, 2, 0, 59), s = part(12, 2, 0, 59);
    if (!y || !mo || !d || !h || !mi || !s)
        return std::nullopt;
    const year_month_day date{year(static_cast<int>(*y)), month(*mo), day(*d)};
    if (!date.ok())
        return std::nullopt;
    const std::int64_t time =
        std::int64_t{sys_days(date).time_since_epoch().count()} * 86400 + *h * 3600 + *mi * 60 + *s;
    if (time > 0xffffffff)
        return std::nullopt;
    return static_cast<std::uint32_t>(time);
}

void appendTimeText(std::uint32_t time, std::string& to) {
    using namespace std::chrono;
    const year_month_day date{sys_days(days(time / 86400))};
    const std::uint32_t rest = time % 86400;
    const auto digits = [&](std::uint32_t value, unsigned count) {
        const std::string text = std::to_string(value);
        to.append(count - text.size(), '0');
        to += text;
    };
    digits(static_cast<std::uint32_t>(static_cast<int>(date.year())), 4);
    digits(static_cast<unsigned>(date.month()), 2);
    digits(static_cast<unsigned>(date.day()), 2);
    digits(rest / 3600, 2);
    digits(rest / 60 % 60, 2);
    digits(rest % 60, 2);
}

} // namespace twistdpp::dns
