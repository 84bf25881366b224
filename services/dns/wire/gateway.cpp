#include "twistdpp/dns_wire/name.h"
#include "twistdpp/dns_wire/octets.h"
#include "twistdpp/dns_wire/rdata_encoding.h"
#include "twistdpp/dns_wire/rdata_field.h"

namespace twistdpp::dns {

namespace {

// Gateway and relay types of RFC 4025 section 2.3 and RFC 8777 section 4.2.3.
constexpr unsigned kNone = 0, kIpv4 = 1, kIpv6 = 2, kName = 3;
constexpr std::uint8_t kDiscoveryOptional = 0x80;

std::size_t addressSize(unsigned kind, Bytes rest) noexcept {
    std::size_t size = 0;
    if (kind == kIpv4)
        size = 4;
    else if (kind == kIpv6)
        size = 16;
    else if (kind == kName)
        size = wireNameSize(rest);
    else if (kind != kNone)
        return kBadField;
    return rest.size() < size || (kind == kName && size == 0) ? kBadField : size;
}

bool parseAddress(RdataWords& words, const char* what, unsigned kind) {
    if (kind == kIpv4)
        return words.ipv4(what);
    if (kind == kIpv6)
        return words.ipv6(what);
    if (kind == kName)
        return words.name(what);
    const Token* word = words.next(what);
    if (word == nullptr)
        return false;
    return word->text == "." || words.fail(what, word->text, "is not '.', which stands for none (type 0)");
}

void appendAddress(unsigned kind, Bytes address, std::string& to) {
    to += ' ';
    if (kind == kIpv4)
        appendIpv4Text(address, to);
    else if (kind == kIpv6)
        appendIpv6Text(address, to);
    else if (kind == kName)
        to += nameText(address);
    else
        to += '.';
}

} // namespace

std::size_t gatewaySize(Bytes rest) noexcept {
    if (rest.size() < 2)
        return kBadField;
    const std::size_t size = addressSize(get8(rest.data()), rest.substr(2));
    return size == kBadField ? kBadField : 2 + size;
}

bool parseGateway(RdataWords& words, const char* what) {
    const auto kind = words.number(what, kName);
    if (!kind)
        return false;
    append8(words.to(), static_cast<std::uint8_t>(*kind));
    return words.number8("algorithm") && parseAddress(words, "gateway", *kind);
}

bool formatGateway(Bytes field, std::string& to) {
    appendNumber(get8(field.data()), to);
    to += ' ';
    appendNumber(get8(&field[1]), to);
    appendAddress(get8(field.data()), field.substr(2), to);
    return true;
}

std::size_t relaySize(Bytes rest) noexcept {
    if (rest.empty())
        return kBadField;
    const std::size_t size = addressSize(get8(rest.data()) & ~unsigned{kDiscoveryOptional}, rest.substr(1));
    return size == kBadField ? kBadField : 1 + size;
}

bool parseRelay(RdataWords& words, const char* what) {
    const auto optional = words.number(what, 1);
    if (!optional)
        return false;
    const auto kind = words.number("relay type", kName);
    if (!kind)
        return false;
    append8(words.to(), static_cast<std::uint8_t>(*kind | (*optional != 0 ? kDiscoveryOptional : 0U)));
    return parseAddress(words, "relay", *kind);
}

bool formatRelay(Bytes field, std::string& to) {
    const unsigned kind = get8(field.data()) & ~unsigned{kDiscoveryOptional};
    to += (get8(field.data()) & kDiscoveryOptional) != 0 ? "1 " : "0 ";
    appendNumber(kind, to);
    appendAddress(kind, field.substr(1), to);
    return true;
}

std::size_t hostIdentitySize(Bytes rest) noexcept {
    if (rest.size() < 4)
        return kBadField;
    const std::size_t tag = get8(rest.data()), key = get16(&rest[2]);
    std::size_t at = 4 + tag + key;
    if (tag == 0 || key == 0 || rest.size() < at)
        return kBadField;
    while (at < rest.size()) { // rendezvous servers
        const std::size_t size = wireNameSize(rest.substr(at));
        if (size == 0)
            return kBadField;
        at += size;
    }
    return at;
}

bool parseHostIdentity(RdataWords& words, const char* what) {
    std::string& to = words.to();
    const std::size_t begin = to.size();
    to.push_back('\0');
    if (!words.number8(what))
        return false;
    append16(to, 0);
    const Token* word = words.next("host identity tag");
    if (word == nullptr)
        return false;
    HexDecoder digits;
    if (!digits.add(word->text, to) || !digits.complete() || to.size() == begin + 4 ||
        to.size() > begin + 259)
        return words.fail("host identity tag", word->text, "is not 1 to 255 bytes in hexadecimal");
    const std::size_t keyAt = to.size();
    word = words.next("key");
    if (word == nullptr)
        return false;
    Base64Decoder key;
    if (!key.add(word->text, to) || !key.complete() || to.size() == keyAt || to.size() - keyAt > 0xffff)
        return words.fail("key", word->text, "is not base64");
    to[begin] = static_cast<char>(keyAt - begin - 4);
    put16(&to[begin + 2], static_cast<std::uint16_t>(to.size() - keyAt));
    while (words.left() > 0) {
        if (!words.name("rendezvous server"))
            return false;
    }
    return true;
}

bool formatHostIdentity(Bytes field, std::string& to) {
    const std::size_t tag = get8(field.data()), key = get16(&field[2]);
    appendNumber(get8(&field[1]), to);
    to += ' ';
    appendHex(field.substr(4, tag), to);
    to += ' ';
    appendBase64(field.substr(4 + tag, key), to);
    for (field.remove_prefix(4 + tag + key); !field.empty();) {
        const std::size_t size = wireNameSize(field);
        to += ' ';
        to += nameText(field.substr(0, size));
        field.remove_prefix(size);
    }
    return true;
}

} // namespace twistdpp::dns
