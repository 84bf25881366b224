#include "twistdpp/dns_answer/query.h"

#include "twistdpp/dns_wire/octets.h"

namespace twistdpp::dns {

namespace {

constexpr std::size_t kHeader = 12;

// Options of OPT (IANA's registry "DNS EDNS0 Option Codes").
constexpr std::uint16_t kNsid = 3, kCookie = 10, kKeepalive = 11, kPadding = 12;

/// Moves `at` behind a name that may be compressed; false when it is none.
bool skipName(Bytes message, std::size_t& at) noexcept {
    if (at < message.size() && message[at] == 0)
        return ++at, true;
    NameBuffer name;
    return name.read(message, at);
}

} // namespace

bool Query::readOptions(Bytes options) noexcept {
    while (!options.empty()) {
        if (options.size() < 4)
            return false;
        const std::uint16_t code = get16(&options[0]);
        const std::size_t length = get16(&options[2]);
        if (options.size() - 4 < length)
            return false;
        const Bytes value = options.substr(4, length);
        options.remove_prefix(4 + length);
        switch (code) {
        case kNsid:
            edns.nsid = true;
            break;
        case kCookie:
            edns.badCookie = length != 8 && (length < 16 || length > 40);
            edns.cookie = edns.badCookie ? Bytes() : value;
            break;
        case kKeepalive:
            edns.keepalive = true;
            break;
        case kPadding:
            edns.padding = true;
            break;
        default:
            break;
        }
    }
    return true;
}

bool Query::readRecords(unsigned counts[3]) noexcept {
    std::size_t at = questionEnd;
    for (unsigned section = 0; section < 3; ++section) {
        for (unsigned left = counts[section]; left > 0; --left) {
            const std::size_t begin = at;
            if (tsigAt != 0 || !skipName(message, at) || message.size() - at < 10)
                return false;
            const auto kind = static_cast<Type>(get16(&message[at]));
            const std::size_t length = get16(&message[at + 8]);
            if (message.size() - at - 10 < length)
                return false;
            if (kind == Type::OPT) {
                if (edns.present || section != 2 || message[begin] != 0)
                    return false;
                edns.present = true;
                edns.udpSize = get16(&message[at + 2]);
                edns.version = get8(&message[at + 5]);
                edns.dnssecOk = (get8(&message[at + 6]) & 0x80) != 0;
                if (!readOptions(message.substr(at + 10, length)))
                    return false;
            } else if (kind == Type::TSIG) {
                if (section != 2)
                    return false;
                tsigAt = begin;
            }
            at += 10 + length;
        }
    }
    return at == message.size();
}

Query::Form Query::parse(Bytes request) noexcept {
    message = request;
    hasQuestion = false;
    questionEnd = kHeader;
    edns = {};
    tsigAt = 0;
    if (message.size() < kHeader)
        return Form::drop;
    id = get16(&message[0]);
    flags = get16(&message[2]);
    if ((flags & Flag::qr) != 0)
        return Form::drop;
    opcode = static_cast<Opcode>((flags & Flag::opcodeMask) >> 11);
    const unsigned questions = get16(&message[4]);
    if (questions > 1)
        return Form::malformed;
    if (questions == 1) {
        // Nothing stands before the first name that a pointer could lead to.
        const std::size_t size = wireNameSize(message.substr(kHeader));
        if (size == 0 || message.size() - kHeader - size < 4)
            return Form::malformed;
        name = message.substr(kHeader, size);
        type = static_cast<Type>(get16(&message[kHeader + size]));
        klass = static_cast<Class>(get16(&message[kHeader + size + 2]));
        questionEnd = kHeader + size + 4;
        hasQuestion = true;
        key.assign(name);
    }
    unsigned counts[3] = {get16(&message[6]), get16(&message[8]), get16(&message[10])};
    return readRecords(counts) ? Form::good : Form::malformed;
}

} // namespace twistdpp::dns
