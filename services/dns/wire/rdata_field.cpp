#include "twistdpp/dns_wire/rdata_field.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/dns_wire/name.h"
#include "twistdpp/dns_wire/octets.h"
#include "twistdpp/dns_wire/rdata.h"

#include <algorithm>

namespace twistdpp::dns {

namespace {

std::size_t fixed(Bytes rest, std::size_t size) noexcept {
    return rest.size() < size ? kBadField : size;
}

std::size_t atLeast(Bytes rest, std::size_t size) noexcept {
    return rest.size() < size ? kBadField : rest.size();
}

/// A byte for the length and what it tells.
std::size_t counted(Bytes rest) noexcept {
    return rest.empty() ? kBadField : fixed(rest, 1U + get8(rest.data()));
}

std::size_t stringsSize(Bytes rest) noexcept {
    if (rest.empty())
        return kBadField;
    for (std::size_t at = 0; at < rest.size();) {
        const std::size_t size = counted(rest.substr(at));
        if (size == kBadField)
            return kBadField;
        at += size;
    }
    return rest.size();
}

std::size_t tagSize(Bytes rest) noexcept {
    const std::size_t size = counted(rest);
    if (size == kBadField || size == 1)
        return kBadField;
    const Bytes tag = rest.substr(1, size - 1);
    return std::all_of(tag.begin(), tag.end(), [](char c) { return ascii::isAlpha(c) || ascii::isDigit(c); })
               ? size
               : kBadField;
}

} // namespace

std::size_t fieldSize(Field kind, Bytes rest) noexcept {
    switch (kind) {
    case Field::compressedName:
    case Field::expandedName:
    case Field::loweredName:
    case Field::plainName: {
        const std::size_t size = wireNameSize(rest);
        return size == 0 ? kBadField : size;
    }
    case Field::u8:
    case Field::algorithm:
        return fixed(rest, 1);
    case Field::u16:
    case Field::rrType:
    case Field::certificate:
        return fixed(rest, 2);
    case Field::u32:
    case Field::seconds:
    case Field::time:
    case Field::ipv4:
        return fixed(rest, 4);
    case Field::eui48:
        return fixed(rest, 6);
    case Field::eui64:
    case Field::locator:
        return fixed(rest, 8);
    case Field::ipv6:
        return fixed(rest, 16);
    case Field::string:
    case Field::salt:
        return counted(rest);
    case Field::hash: {
        const std::size_t size = counted(rest);
        return size < 2 ? kBadField : size;
    }
    case Field::optionalString:
        return rest.empty() ? 0 : counted(rest);
    case Field::tag:
        return tagSize(rest);
    case Field::strings:
        return stringsSize(rest);
    case Field::hex:
    case Field::base64:
    case Field::nsap:
        return atLeast(rest, 1);
    case Field::digest:
        return atLeast(rest, 12);
    case Field::text:
    case Field::optionalBase64:
        return rest.size();
    case Field::typeBitmap:
        return typeBitmapSize(rest);
    case Field::nxtBitmap:
        return nxtBitmapSize(rest);
    case Field::svcParams:
        return svcParamsSize(rest);
    case Field::location:
        return locationSize(rest);
    case Field::prefixes:
        return prefixesSize(rest);
    case Field::services:
        return servicesSize(rest);
    case Field::gateway:
        return gatewaySize(rest);
    case Field::relay:
        return relaySize(rest);
    case Field::hostIdentity:
        return hostIdentitySize(rest);
    }
    return kBadField;
}

bool validRdata(Type type, Bytes rdata) noexcept {
    const auto layout = layoutOf(type);
    if (layout.empty())
        return true;
    for (const FieldInfo& field : layout) {
        const std::size_t size = fieldSize(field.kind, rdata);
        if (size == kBadField)
            return false;
        rdata.remove_prefix(size);
    }
    return rdata.empty();
}

bool expandRdata(Type type, Bytes message, std::size_t at, std::size_t length, std::string& to) {
    const auto layout = layoutOf(type);
    if (layout.empty())
        return to.append(message.substr(at, length)), true;
    const std::size_t begin = to.size(), end = at + length;
    const Bytes seen = message.substr(0, end); // names must not run on behind the data
    for (const FieldInfo& field : layout) {
        if (field.kind == Field::compressedName || field.kind == Field::expandedName) {
            NameBuffer name;
            if (!name.read(seen, at)) {
                to.resize(begin);
                return false;
            }
            to.append(name.wire());
            continue;
        }
        const Bytes rest = seen.substr(at);
        const std::size_t size = fieldSize(field.kind, rest);
        if (size == kBadField) {
            to.resize(begin);
            return false;
        }
        to.append(rest.substr(0, size));
        at += size;
    }
    const bool fits = at == end && to.size() - begin <= 0xffff;
    if (!fits)
        to.resize(begin);
    return fits;
}

void appendCanonicalRdata(Type type, Bytes rdata, std::string& to) {
    for (const FieldInfo& field : layoutOf(type)) {
        const std::size_t size = fieldSize(field.kind, rdata);
        if (size == kBadField)
            break;
        const Bytes part = rdata.substr(0, size);
        if (field.kind == Field::compressedName || field.kind == Field::expandedName ||
            field.kind == Field::loweredName)
            std::transform(part.begin(), part.end(), std::back_inserter(to), ascii::lower);
        else
            to.append(part);
        rdata.remove_prefix(size);
    }
    to.append(rdata);
}

} // namespace twistdpp::dns
