#include "twistdpp/dns_wire/svc_keys.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/dns_wire/octets.h"
#include "twistdpp/dns_wire/rdata_words.h"

#include <array>

namespace twistdpp::dns {

namespace {

struct Named {
    Bytes name;
    SvcValue value;
};

/// IANA's registry "Service Parameter Keys (SvcParamKeys)", by number.
constexpr std::array<Named, 10> kKeys{{
    {"mandatory", SvcValue::keys},
    {"alpn", SvcValue::strings},
    {"no-default-alpn", SvcValue::none},
    {"port", SvcValue::port},
    {"ipv4hint", SvcValue::ipv4},
    {"ech", SvcValue::base64},
    {"ipv6hint", SvcValue::ipv6},
    {"dohpath", SvcValue::text},
    {"ohttp", SvcValue::none},
    {"tls-supported-groups", SvcValue::groups},
}};

bool many(Bytes value, std::size_t size) noexcept {
    return !value.empty() && value.size() % size == 0;
}

bool validKeys(Bytes value) noexcept {
    if (!many(value, 2))
        return false;
    unsigned last = svc::kMandatory; // which must not stand in its own list
    for (std::size_t at = 0; at < value.size(); at += 2) {
        if (get16(&value[at]) <= last)
            return false;
        last = get16(&value[at]);
    }
    return true;
}

bool validStrings(Bytes value) noexcept {
    if (value.empty())
        return false;
    while (!value.empty()) {
        const std::size_t size = get8(value.data());
        if (size == 0 || value.size() < 1 + size)
            return false;
        value.remove_prefix(1 + size);
    }
    return true;
}

} // namespace

std::optional<SvcKey> svcKeyFromText(Bytes text) noexcept {
    for (std::size_t i = 0; i < kKeys.size(); ++i) {
        if (ascii::equalsIgnoreCase(text, kKeys[i].name))
            return SvcKey{static_cast<std::uint16_t>(i), kKeys[i].value};
    }
    constexpr Bytes kPrefix = "key";
    if (!ascii::equalsIgnoreCase(text.substr(0, kPrefix.size()), kPrefix))
        return std::nullopt;
    const Bytes digits = text.substr(kPrefix.size());
    const auto number = decimal(digits, 0xffff);
    if (!number || (digits.size() > 1 && digits[0] == '0'))
        return std::nullopt;
    return SvcKey{static_cast<std::uint16_t>(*number), SvcValue::opaque};
}

SvcKey svcKeyFromNumber(std::uint16_t number) noexcept {
    return {number, number < kKeys.size() ? kKeys[number].value : SvcValue::opaque};
}

void appendSvcKeyText(std::uint16_t number, std::string& to) {
    if (number < kKeys.size()) {
        to += kKeys[number].name;
        return;
    }
    to += "key";
    appendNumber(number, to);
}

std::optional<SvcParam> nextSvcParam(Bytes& rest) noexcept {
    if (rest.size() < 4)
        return std::nullopt;
    const std::size_t size = get16(&rest[2]);
    if (rest.size() - 4 < size)
        return std::nullopt;
    const SvcParam param{get16(rest.data()), rest.substr(4, size)};
    rest.remove_prefix(4 + size);
    return param;
}

bool validSvcValue(SvcParam param) noexcept {
    switch (svcKeyFromNumber(param.key).value) {
    case SvcValue::keys:
        return validKeys(param.value);
    case SvcValue::strings:
        return validStrings(param.value);
    case SvcValue::none:
        return param.value.empty();
    case SvcValue::port:
        return param.value.size() == 2;
    case SvcValue::ipv4:
        return many(param.value, 4);
    case SvcValue::ipv6:
        return many(param.value, 16);
    case SvcValue::groups:
        return many(param.value, 2);
    case SvcValue::base64:
    case SvcValue::text:
        return !param.value.empty();
    case SvcValue::opaque:
        return true;
    }
    return false;
}

} // namespace twistdpp::dns
