#include "twistdpp/dns_wire/name.h"
#include "twistdpp/dns_wire/octets.h"
#include "twistdpp/dns_wire/rdata.h"
#include "twistdpp/dns_wire/rdata_encoding.h"
#include "twistdpp/dns_wire/rdata_field.h"

namespace twistdpp::dns {

namespace {

void appendHexPairs(Bytes bytes, std::string& to) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i > 0)
            to += '-';
        appendHex(bytes.substr(i, 1), to);
    }
}

void appendLocator(Bytes bytes, std::string& to) {
    for (std::size_t i = 0; i < bytes.size(); i += 2) {
        if (i > 0)
            to += ':';
        appendHex(bytes.substr(i, 2), to);
    }
}

void appendStrings(Bytes strings, std::string& to) {
    for (bool first = true; !strings.empty(); first = false) {
        if (!first)
            to += ' ';
        const std::size_t size = get8(strings.data());
        appendQuoted(strings.substr(1, size), to);
        strings.remove_prefix(1 + size);
    }
}

/// False when there is no text for just these bytes.
bool formatField(Field kind, Bytes part, std::string& to) {
    switch (kind) {
    case Field::compressedName:
    case Field::expandedName:
    case Field::loweredName:
    case Field::plainName:
        to += nameText(part);
        return true;
    case Field::u8:
    case Field::algorithm:
        return appendNumber(get8(part.data()), to), true;
    case Field::u16:
        return appendNumber(get16(part.data()), to), true;
    case Field::u32:
    case Field::seconds:
        return appendNumber(get32(part.data()), to), true;
    case Field::time:
        return appendTimeText(get32(part.data()), to), true;
    case Field::rrType:
        to += typeText(static_cast<Type>(get16(part.data())));
        return true;
    case Field::certificate:
        return appendCertificateText(get16(part.data()), to), true;
    case Field::ipv4:
        return appendIpv4Text(part, to), true;
    case Field::ipv6:
        return appendIpv6Text(part, to), true;
    case Field::eui48:
    case Field::eui64:
        return appendHexPairs(part, to), true;
    case Field::locator:
        return appendLocator(part, to), true;
    case Field::string:
    case Field::optionalString:
    case Field::strings:
        return appendStrings(part, to), true;
    case Field::tag:
        to += part.substr(1);
        return true;
    case Field::salt:
        if (part.size() == 1)
            to += '-';
        return appendHex(part.substr(1), to), true;
    case Field::hash:
        return appendBase32Hex(part.substr(1), to), true;
    case Field::text:
        return appendQuoted(part, to), true;
    case Field::hex:
    case Field::digest:
        return appendHex(part, to), true;
    case Field::base64:
    case Field::optionalBase64:
        return appendBase64(part, to), true;
    case Field::nsap:
        to += "0x";
        return appendHex(part, to), true;
    case Field::typeBitmap:
        return formatTypeBitmap(part, to);
    case Field::nxtBitmap:
        return formatNxtBitmap(part, to);
    case Field::svcParams:
        return formatSvcParams(part, to);
    case Field::location:
        return formatLocation(part, to);
    case Field::prefixes:
        return formatPrefixes(part, to);
    case Field::services:
        return formatServices(part, to);
    case Field::gateway:
        return formatGateway(part, to);
    case Field::relay:
        return formatRelay(part, to);
    case Field::hostIdentity:
        return formatHostIdentity(part, to);
    }
    return false;
}

std::string genericText(Bytes rdata) {
    std::string text = "\\# " + std::to_string(rdata.size());
    if (!rdata.empty()) {
        text += ' ';
        appendHex(rdata, text);
    }
    return text;
}

} // namespace

std::string formatRdata(Type type, Bytes rdata) {
    const auto layout = layoutOf(type);
    if (layout.empty())
        return genericText(rdata);
    std::string text;
    Bytes rest = rdata;
    for (const FieldInfo& field : layout) {
        const std::size_t size = fieldSize(field.kind, rest);
        if (size == kBadField)
            return genericText(rdata);
        const std::size_t before = text.size();
        if (before > 0)
            text += ' ';
        if (!formatField(field.kind, rest.substr(0, size), text))
            return genericText(rdata);
        if (text.size() == before + 1 && before > 0) // an optional part that is not there
            text.resize(before);
        rest.remove_prefix(size);
    }
    return rest.empty() ? text : genericText(rdata);
}

} // namespace twistdpp::dns
