#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/reactor/address.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace twistdpp {

/// Which form of the PROXY protocol (HAProxy's proxy-protocol.txt, version 2 of 2020).
enum class ProxyVersion : std::uint8_t { v1 = 1, v2 = 2 };

/// What a load balancer tells of the connection that it passes on.
struct ProxyHeader {
    ProxyHeader() = default;
    ProxyHeader(Address from, Address to) : source(std::move(from)), destination(std::move(to)) {}

    /// The balancer speaks for itself (a health check), or knows no addresses: those of the connection hold.
    bool local = false;
    Address source;
    Address destination;

    // Version 2 may carry these; empty when it does not.
    std::string alpn;
    std::string authority; // the host name that the client asked for: by SNI, when it spoke TLS
    std::string uniqueId;  // at most 128 bytes
    std::string networkNamespace;
    // The client's side of TLS, when it ended at the balancer.
    bool tls = false;
    bool certificateVerified = false;
    std::string tlsVersion;
    std::string tlsCipher;
    std::string certificateName; // the common name of the client's certificate

    /// The name the client asked for; the balancer has it from SNI.
    const std::string& serverName() const noexcept { return authority; }
};

/// A header that was read, and how many bytes it took.
struct ParsedProxyHeader {
    ProxyHeader header;
    ProxyVersion version;
    std::size_t size;
};

/// The longest header of version 1, and the longest of version 2 that is accepted.
inline constexpr std::size_t kMaxProxyV1 = 107;
inline constexpr std::size_t kMaxProxyV2 = 4096;

/// Reads the header at the front of `data`, of either version: nothing when more bytes are needed, an error
/// when it can become no header. Never needs more than kMaxProxyV2 bytes.
Result<std::optional<ParsedProxyHeader>> parseProxyHeader(Bytes data);

/// Version 1, one line. Addresses that are not of one IP family are written as UNKNOWN.
std::string formatProxyV1(const ProxyHeader& header);
/// Version 2, with those of the additional values that are set, and a checksum when `checksum`. Values that
/// do not fit into a header of 65535 bytes are left out.
std::string formatProxyV2(const ProxyHeader& header, bool checksum = false);

} // namespace twistdpp
