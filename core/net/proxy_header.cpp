#include "twistdpp/net/proxy_header.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"
#include "twistdpp/net/crc32c.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace twistdpp {

namespace {

using Parsed = Result<std::optional<ParsedProxyHeader>>;

constexpr Bytes kSignatureV1("PROXY ");
constexpr Bytes kSignatureV2("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t kFixedV2 = 16;
constexpr std::size_t kUnixPath = 108;

// Types of the additional values, section 2.2.
enum Tlv : unsigned char {
    tlvAlpn = 0x01,
    tlvAuthority = 0x02,
    tlvCrc32c = 0x03,
    tlvUniqueId = 0x05,
    tlvTls = 0x20,
    tlvTlsVersion = 0x21,
    tlvTlsName = 0x22,
    tlvTlsCipher = 0x23,
    tlvNamespace = 0x30,
};
constexpr unsigned char kClientTls = 1;
constexpr unsigned char kClientCertificates = 2 | 4; // on this connection, or in its session

Error wrong(const char* what) {
    return Error(std::string("PROXY header: ") + what);
}

std::size_t number16(Bytes at) noexcept {
    return static_cast<std::size_t>(static_cast<unsigned char>(at[0])) << 8 |
           static_cast<unsigned char>(at[1]);
}

bool startsAlike(Bytes data, Bytes signature) noexcept {
    const std::size_t shared = std::min(data.size(), signature.size());
    return data.substr(0, shared) == signature.substr(0, shared);
}

// ---- Version 1

std::optional<Address> parseAddress(Bytes host, Bytes port, Address::Kind kind) {
    const auto number = parseUnsigned<std::uint16_t>(port);
    if (!number || host.empty() || (port.size() > 1 && port[0] == '0') || host.find('%') != Bytes::npos)
        return std::nullopt;
    if ((kind == Address::Kind::ipv6) != (host.find(':') != Bytes::npos))
        return std::nullopt;
    auto address = Address::parse(host, *number);
    if (!address)
        return std::nullopt;
    return std::move(*address);
}

Parsed parseV1(Bytes data) {
    const Bytes window = data.substr(0, kMaxProxyV1);
    const std::size_t end = window.find("\r\n");
    if (end == Bytes::npos) {
        if (data.size() >= kMaxProxyV1)
            return wrong("the line of version 1 is longer than 107 bytes");
        return std::optional<ParsedProxyHeader>();
    }
    ParsedProxyHeader parsed{ProxyHeader(), ProxyVersion::v1, end + 2};
    Bytes rest = window.substr(kSignatureV1.size(), end - kSignatureV1.size());
    const Bytes family = ascii::cut(rest, ' ');
    if (family == "UNKNOWN") {
        parsed.header.local = true;
        return std::optional<ParsedProxyHeader>(std::move(parsed));
    }
    if (family != "TCP4" && family != "TCP6")
        return wrong("version 1 names another protocol than TCP4, TCP6 and UNKNOWN");
    const auto kind = family == "TCP4" ? Address::Kind::ipv4 : Address::Kind::ipv6;
    const Bytes source = ascii::cut(rest, ' ');
    const Bytes destination = ascii::cut(rest, ' ');
    const Bytes sourcePort = ascii::cut(rest, ' ');
    const auto from = parseAddress(source, sourcePort, kind);
    const auto to = parseAddress(destination, rest, kind);
    if (!from || !to)
        return wrong("version 1 does not hold two addresses and two ports of its protocol");
    parsed.header.source = *from;
    parsed.header.destination = *to;
    return std::optional<ParsedProxyHeader>(std::move(parsed));
}

// ---- Version 2

Address readIpv4(Bytes ip, Bytes port) noexcept {
    sockaddr_in raw{};
    raw.sin_family = AF_INET;
    std::memcpy(&raw.sin_addr, ip.data(), 4);
    std::memcpy(&raw.sin_port, port.data(), 2);
    return Address::fromSockaddr(reinterpret_cast<const sockaddr*>(&raw), sizeof raw);
}

Address readIpv6(Bytes ip, Bytes port) noexcept {
    sockaddr_in6 raw{};
    raw.sin6_family = AF_INET6;
    std::memcpy(&raw.sin6_addr, ip.data(), 16);
    std::memcpy(&raw.sin6_port, port.data(), 2);
    return Address::fromSockaddr(reinterpret_cast<const sockaddr*>(&raw), sizeof raw);
}

Address readUnix(Bytes field) {
    // An abstract name begins with a zero byte and may hold more of them; a path ends at its first.
    const bool abstract = field[0] == '\0';
    const Bytes used =
        abstract ? field.substr(0, field.find_last_not_of('\0') + 1) : field.substr(0, field.find('\0'));
    return used.empty() ? Address() : Address::unixPath(std::string(used));
}

/// Calls `take(type, value)` for each value; false when they do not fill `data` exactly.
template <class Take>
bool forEachTlv(Bytes data, Take take) {
    while (!data.empty()) {
        if (data.size() < 3)
            return false;
        const auto type = static_cast<unsigned char>(data[0]);
        const std::size_t length = number16(data.substr(1));
        if (data.size() - 3 < length)
            return false;
        take(type, data.substr(3, length));
        data.remove_prefix(3 + length);
    }
    return true;
}

bool readTls(ProxyHeader& header, Bytes value) {
    if (value.size() < 5)
        return false;
    const auto client = static_cast<unsigned char>(value[0]);
    header.tls = (client & kClientTls) != 0;
    header.certificateVerified =
        (client & kClientCertificates) != 0 && value.substr(1, 4) == Bytes("\0\0\0\0", 4);
    return forEachTlv(value.substr(5), [&](unsigned char type, Bytes text) {
        if (type == tlvTlsVersion)
            header.tlsVersion = text;
        else if (type == tlvTlsName)
            header.certificateName = text;
        else if (type == tlvTlsCipher)
            header.tlsCipher = text;
    });
}

/// The additional values. `whole` is the header from its first byte on, for the checksum.
Result<void> readTlvs(ProxyHeader& header, Bytes tlvs, Bytes whole) {
    const char* broken = nullptr;
    const bool complete = forEachTlv(tlvs, [&](unsigned char type, Bytes value) {
        if (type == tlvAlpn) {
            header.alpn = value;
        } else if (type == tlvAuthority) {
            header.authority = value;
        } else if (type == tlvUniqueId) {
            if (value.size() > 128)
                broken = "the unique id is longer than 128 bytes";
            header.uniqueId = value;
        } else if (type == tlvNamespace) {
            header.networkNamespace = value;
        } else if (type == tlvTls) {
            if (!readTls(header, value))
                broken = "the values on TLS are cut off";
        } else if (type == tlvCrc32c) {
            if (value.size() != 4) {
                broken = "the checksum does not have four bytes";
                return;
            }
            const auto at = static_cast<std::size_t>(value.data() - whole.data());
            const std::uint32_t sum =
                crc32c(whole.substr(at + 4), crc32c(Bytes("\0\0\0\0", 4), crc32c(whole.substr(0, at))));
            if (sum != (number16(value) << 16 | number16(value.substr(2))))
                broken = "the checksum is wrong";
        }
    });
    if (!complete)
        return wrong("an additional value is cut off");
    if (broken)
        return wrong(broken);
    return {};
}

Parsed parseV2(Bytes data) {
    if (data.size() < kFixedV2)
        return std::optional<ParsedProxyHeader>();
    const auto command = static_cast<unsigned char>(data[12]);
    const auto family = static_cast<unsigned char>(data[13]);
    const std::size_t size = kFixedV2 + number16(data.substr(14));
    if (command >> 4 != 2)
        return wrong("its version is neither 1 nor 2");
    if ((command & 0xf) > 1)
        return wrong("its command is neither LOCAL nor PROXY");
    if (size > kMaxProxyV2)
        return wrong("it is longer than 4096 bytes");
    if (data.size() < size)
        return std::optional<ParsedProxyHeader>();
    ParsedProxyHeader parsed{ProxyHeader(), ProxyVersion::v2, size};
    const Bytes whole = data.substr(0, size);
    const Bytes body = whole.substr(kFixedV2);
    const unsigned kind = family >> 4;
    if (kind > 3 || (family & 0xf) > 2)
        return wrong("its address family is unknown");
    // LOCAL or unspecified: the receiver must use the connection's own addresses and ignore what is here
    // (section 2.2).
    parsed.header.local = (command & 0xf) == 0 || kind == 0;
    if (parsed.header.local)
        return std::optional<ParsedProxyHeader>(std::move(parsed));
    const std::size_t addresses = kind == 1 ? 12 : kind == 2 ? 36 : 2 * kUnixPath;
    if (body.size() < addresses)
        return wrong("it is too short for its addresses");
    if (kind == 1) {
        parsed.header.source = readIpv4(body.substr(0, 4), body.substr(8, 2));
        parsed.header.destination = readIpv4(body.substr(4, 4), body.substr(10, 2));
    } else if (kind == 2) {
        parsed.header.source = readIpv6(body.substr(0, 16), body.substr(32, 2));
        parsed.header.destination = readIpv6(body.substr(16, 16), body.substr(34, 2));
    } else {
        parsed.header.source = readUnix(body.substr(0, kUnixPath));
        parsed.header.destination = readUnix(body.substr(kUnixPath, kUnixPath));
    }
    if (auto read = readTlvs(parsed.header, body.substr(addresses), whole); !read)
        return std::move(read).error();
    return std::optional<ParsedProxyHeader>(std::move(parsed));
}

// ---- Writing

bool sameIpFamily(const ProxyHeader& header) noexcept {
    return !header.local && header.source.isIp() && header.source.kind() == header.destination.kind();
}

void put16(std::string& to, std::size_t value) {
    to.push_back(static_cast<char>(value >> 8 & 0xff));
    to.push_back(static_cast<char>(value & 0xff));
}

void putTlv(std::string& to, Tlv type, Bytes value) {
    if (value.empty() || to.size() + 3 + value.size() > 0xffff)
        return;
    to.push_back(static_cast<char>(type));
    put16(to, value.size());
    to.append(value);
}

std::string tlsValue(const ProxyHeader& header) {
    std::string value;
    value.push_back(static_cast<char>(kClientTls | (header.certificateVerified ? kClientCertificates : 0)));
    value.append(header.certificateVerified ? Bytes("\0\0\0\0", 4) : Bytes("\0\0\0\1", 4));
    putTlv(value, tlvTlsVersion, header.tlsVersion);
    putTlv(value, tlvTlsName, header.certificateName);
    putTlv(value, tlvTlsCipher, header.tlsCipher);
    return value;
}

std::string unixField(const Address& address) {
    std::string field(address.path().substr(0, kUnixPath));
    field.resize(kUnixPath, '\0');
    return field;
}

} // namespace

Result<std::optional<ParsedProxyHeader>> parseProxyHeader(Bytes data) {
    if (startsAlike(data, kSignatureV2))
        return data.size() < kSignatureV2.size() ? Parsed(std::optional<ParsedProxyHeader>()) : parseV2(data);
    if (startsAlike(data, kSignatureV1))
        return data.size() < kSignatureV1.size() ? Parsed(std::optional<ParsedProxyHeader>()) : parseV1(data);
    return wrong("there is none");
}

std::string formatProxyV1(const ProxyHeader& header) {
    if (!sameIpFamily(header))
        return "PROXY UNKNOWN\r\n";
    return std::string(header.source.kind() == Address::Kind::ipv4 ? "PROXY TCP4 " : "PROXY TCP6 ") +
           header.source.host() + " " + header.destination.host() + " " +
           std::to_string(header.source.port()) + " " + std::to_string(header.destination.port()) + "\r\n";
}

std::string formatProxyV2(const ProxyHeader& header, bool checksum) {
    std::string body;
    unsigned char family = 0;
    if (sameIpFamily(header)) {
        family = header.source.kind() == Address::Kind::ipv4 ? 0x11 : 0x21;
        body.append(header.source.ipBytes()).append(header.destination.ipBytes());
        put16(body, header.source.port());
        put16(body, header.destination.port());
    } else if (!header.local && header.source.kind() == Address::Kind::unixPath) {
        family = 0x31;
        body += unixField(header.source) + unixField(header.destination);
    }
    putTlv(body, tlvAlpn, header.alpn);
    putTlv(body, tlvAuthority, header.authority);
    putTlv(body, tlvUniqueId, Bytes(header.uniqueId).substr(0, 128));
    putTlv(body, tlvNamespace, header.networkNamespace);
    if (header.tls)
        putTlv(body, tlvTls, tlsValue(header));
    if (checksum)
        putTlv(body, tlvCrc32c, Bytes("\0\0\0\0", 4));
    std::string whole(kSignatureV2);
    whole.push_back(header.local ? '\x20' : '\x21');
    whole.push_back(static_cast<char>(family));
    put16(whole, body.size());
    whole += body;
    if (checksum) {
        const std::uint32_t sum = crc32c(whole);
        for (std::size_t i = 0; i < 4; ++i)
            whole[whole.size() - 4 + i] = static_cast<char>(sum >> (24 - 8 * i) & 0xff);
    }
    return whole;
}

} // namespace twistdpp
