#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/base/result.h"

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <string>

struct sockaddr;
struct sockaddr_storage;

namespace twistdpp {

/// The address of one end: IPv4 or IPv6 with a port, a unix socket's path, or none (an unnamed unix socket, a
/// pipe). IPv4 addresses that come mapped into IPv6 are shown as IPv4. A value.
class Address {
public:
    enum class Kind : std::uint8_t { none, ipv4, ipv6, unixPath };

    Address() noexcept = default;
    /// A numeric address, "127.0.0.1", "::1" or "fe80::1%eth0". Names are for Reactor::resolve.
    static Result<Address> parse(Bytes text, std::uint16_t port);
    /// All interfaces.
    static Address anyIpv4(std::uint16_t port) noexcept;
    static Address anyIpv6(std::uint16_t port) noexcept;
    static Address loopback(std::uint16_t port) noexcept;
    /// A path in the file system, or in the abstract namespace when it begins with '\0'.
    static Address unixPath(std::string path);
    static Address fromSockaddr(const sockaddr* from, std::size_t length);
    /// Writes it for the system and returns its length; 0 for Kind::none and for a unix path that is too
    /// long or has a zero byte inside.
    std::size_t toSockaddr(sockaddr_storage& to) const noexcept;

    Kind kind() const noexcept { return kind_; }
    bool isIp() const noexcept { return kind_ == Kind::ipv4 || kind_ == Kind::ipv6; }
    std::uint16_t port() const noexcept { return port_; }
    Address withPort(std::uint16_t port) const {
        Address copy(*this);
        copy.port_ = port;
        return copy;
    }
    /// The 4 or 16 bytes in network order.
    Bytes ipBytes() const noexcept {
        return {
            reinterpret_cast<const char*>(ip_.data()), kind_ == Kind::ipv4   ? 4U
                                                       : kind_ == Kind::ipv6 ? 16U
                                                                             : 0U};
    }
    /// The path of a unix socket, else empty.
    Bytes path() const noexcept { return path_ ? Bytes(*path_) : Bytes(); }

    bool isLoopback() const noexcept;
    /// Loopback, private (RFC 1918, RFC 4193), link-local, or a unix socket.
    bool isLocal() const noexcept;
    /// Whether the first `bits` bits are those of `network`; false across families.
    bool inPrefix(const Address& network, unsigned bits) const noexcept;

    /// "127.0.0.1", "::1", "/run/x.sock", "@abstract", "-".
    std::string host() const;
    /// "127.0.0.1:80", "[::1]:80", "unix:/run/x.sock".
    std::string toString() const;

    friend bool operator==(const Address& a, const Address& b) noexcept {
        return a.kind_ == b.kind_ && a.port_ == b.port_ && a.scope_ == b.scope_ && a.ip_ == b.ip_ &&
               a.path() == b.path();
    }
    friend std::strong_ordering operator<=>(const Address& a, const Address& b) noexcept;

private:
    std::array<std::uint8_t, 16> ip_{};
    std::shared_ptr<const std::string> path_;
    std::uint32_t scope_ = 0;
    std::uint16_t port_ = 0;
    Kind kind_ = Kind::none;
};

} // namespace twistdpp
