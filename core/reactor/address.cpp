#include "twistdpp/reactor/address.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"

#include <arpa/inet.h>
#include <cstddef>
#include <cstring>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace twistdpp {

Result<Address> Address::parse(Bytes text, std::uint16_t port) {
    Address out;
    out.port_ = port;
    std::string ip(text);
    if (ip.find('\0') != std::string::npos) // the system would see only what stands before it
        return Error("an IP address with a zero byte in it");
    if (::inet_pton(AF_INET, ip.c_str(), out.ip_.data()) == 1) {
        out.kind_ = Kind::ipv4;
        return out;
    }
    if (const auto percent = ip.find('%'); percent != std::string::npos) {
        const std::string zone = ip.substr(percent + 1);
        const auto number = parseUnsigned<std::uint32_t>(zone);
        out.scope_ = number ? *number : ::if_nametoindex(zone.c_str());
        if (out.scope_ == 0)
            return Error("'" + std::string(text) + "': there is no network interface '" + zone + "'");
        ip.resize(percent);
    }
    if (::inet_pton(AF_INET6, ip.c_str(), out.ip_.data()) == 1) {
        if (constexpr std::uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
            std::memcmp(out.ip_.data(), mapped, sizeof mapped) == 0) {
            Address inside = anyIpv4(port);
            std::memcpy(inside.ip_.data(), out.ip_.data() + 12, 4);
            return inside;
        }
        out.kind_ = Kind::ipv6;
        return out;
    }
    return Error("'" + std::string(text) + "' is not a numeric IP address");
}

Address Address::anyIpv4(std::uint16_t port) noexcept {
    Address out;
    out.kind_ = Kind::ipv4;
    out.port_ = port;
    return out;
}

Address Address::anyIpv6(std::uint16_t port) noexcept {
    Address out = anyIpv4(port);
    out.kind_ = Kind::ipv6;
    return out;
}

Address Address::loopback(std::uint16_t port) noexcept {
    Address out = anyIpv4(port);
    out.ip_[0] = 127;
    out.ip_[3] = 1;
    return out;
}

Address Address::unixPath(std::string path) {
    Address out;
    out.kind_ = Kind::unixPath;
    out.path_ = std::make_shared<const std::string>(std::move(path));
    return out;
}

Address Address::fromSockaddr(const sockaddr* from, std::size_t length) {
    Address out;
    if (from == nullptr || length < sizeof(sa_family_t))
        return out;
    if (from->sa_family == AF_INET && length >= sizeof(sockaddr_in)) {
        sockaddr_in in;
        std::memcpy(&in, from, sizeof in);
        out.kind_ = Kind::ipv4;
        out.port_ = ntohs(in.sin_port);
        std::memcpy(out.ip_.data(), &in.sin_addr, 4);
    } else if (from->sa_family == AF_INET6 && length >= sizeof(sockaddr_in6)) {
        sockaddr_in6 in;
        std::memcpy(&in, from, sizeof in);
        out.port_ = ntohs(in.sin6_port);
        const auto* bytes = in.sin6_addr.s6_addr;
        if (IN6_IS_ADDR_V4MAPPED(&in.sin6_addr)) {
            out.kind_ = Kind::ipv4;
            std::memcpy(out.ip_.data(), bytes + 12, 4);
        } else {
            out.kind_ = Kind::ipv6;
            out.scope_ = in.sin6_scope_id;
            std::memcpy(out.ip_.data(), bytes, 16);
        }
    } else if (from->sa_family == AF_UNIX && length > offsetof(sockaddr_un, sun_path)) {
        const char* path = reinterpret_cast<const char*>(from) + offsetof(sockaddr_un, sun_path);
        std::size_t size = length - offsetof(sockaddr_un, sun_path);
        if (path[0] != '\0')
            size = ::strnlen(path, size);
        return unixPath(std::string(path, size));
    }
    return out;
}

std::size_t Address::toSockaddr(sockaddr_storage& to) const noexcept {
    switch (kind_) {
    case Kind::none:
        return 0;
    case Kind::ipv4: {
        sockaddr_in in{};
        in.sin_family = AF_INET;
        in.sin_port = htons(port_);
        std::memcpy(&in.sin_addr, ip_.data(), 4);
        std::memcpy(&to, &in, sizeof in);
        return sizeof in;
    }
    case Kind::ipv6: {
        sockaddr_in6 in{};
        in.sin6_family = AF_INET6;
        in.sin6_port = htons(port_);
        in.sin6_scope_id = scope_;
        std::memcpy(&in.sin6_addr, ip_.data(), 16);
        std::memcpy(&to, &in, sizeof in);
        return sizeof in;
    }
    case Kind::unixPath: {
        sockaddr_un un{};
        const std::string& path = *path_;
        const bool abstract = !path.empty() && path[0] == '\0';
        if (path.empty() || path.size() + (abstract ? 0 : 1) > sizeof un.sun_path ||
            (!abstract && path.find('\0') != std::string::npos))
            return 0;
        un.sun_family = AF_UNIX;
        std::memcpy(un.sun_path, path.data(), path.size());
        std::memcpy(&to, &un, sizeof un);
        return offsetof(sockaddr_un, sun_path) + path.size() + (abstract ? 0 : 1);
    }
    }
    return 0;
}

bool Address::isLoopback() const noexcept {
    if (kind_ == Kind::ipv4)
        return ip_[0] == 127;
    if (kind_ != Kind::ipv6 || ip_[15] != 1)
        return false;
    for (std::size_t i = 0; i < 15; ++i) {
        if (ip_[i] != 0)
            return false;
    }
    return true;
}

bool Address::isLocal() const noexcept {
    switch (kind_) {
    case Kind::none:
        return false;
    case Kind::unixPath:
        return true;
    case Kind::ipv4:
        return ip_[0] == 127 || ip_[0] == 10 || (ip_[0] == 172 && (ip_[1] & 0xF0) == 16) ||
               (ip_[0] == 192 && ip_[1] == 168) || (ip_[0] == 169 && ip_[1] == 254);
    case Kind::ipv6:
        return isLoopback() || (ip_[0] & 0xFE) == 0xFC || (ip_[0] == 0xFE && (ip_[1] & 0xC0) == 0x80);
    }
    return false;
}

bool Address::inPrefix(const Address& network, unsigned bits) const noexcept {
    if (kind_ != network.kind_ || !isIp() || bits > ipBytes().size() * 8)
        return false;
    const std::size_t whole = bits / 8;
    if (std::memcmp(ip_.data(), network.ip_.data(), whole) != 0)
        return false;
    const unsigned rest = bits % 8;
    return rest == 0 || ((ip_[whole] ^ network.ip_[whole]) >> (8 - rest)) == 0;
}

std::string Address::host() const {
    char text[INET6_ADDRSTRLEN] = "";
    switch (kind_) {
    case Kind::none:
        return "-";
    case Kind::ipv4:
        ::inet_ntop(AF_INET, ip_.data(), text, sizeof text);
        return text;
    case Kind::ipv6: {
        ::inet_ntop(AF_INET6, ip_.data(), text, sizeof text);
        std::string out(text);
        char name[IF_NAMESIZE] = "";
        if (scope_ != 0)
            out += std::string("%") + (::if_indextoname(scope_, name) ? name : std::to_string(scope_));
        return out;
    }
    case Kind::unixPath:
        return !path_->empty() && path_->front() == '\0' ? "@" + path_->substr(1) : *path_;
    }
    return "-";
}

std::string Address::toString() const {
    switch (kind_) {
    case Kind::ipv4:
        return host() + ":" + std::to_string(port_);
    case Kind::ipv6:
        return "[" + host() + "]:" + std::to_string(port_);
    case Kind::unixPath:
        return "unix:" + host();
    case Kind::none:
        break;
    }
    return host();
}

std::strong_ordering operator<=>(const Address& a, const Address& b) noexcept {
    if (const auto by = a.kind_ <=> b.kind_; by != 0)
        return by;
    if (const auto by = a.ip_ <=> b.ip_; by != 0)
        return by;
    if (const auto by = a.port_ <=> b.port_; by != 0)
        return by;
    if (const auto by = a.scope_ <=> b.scope_; by != 0)
        return by;
    return a.path() <=> b.path();
}

} // namespace twistdpp
