#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/reactor/address.h"

#include <cstdint>
#include <optional>
#include <string>

namespace twistdpp::ftp {

/// "192,0,2,1,4,1" of PORT and in the answer to PASV (RFC 959): in a text, whatever stands around it, or
/// nothing.
std::optional<Address> parseHostPort(Bytes text);
std::string hostPortText(const Address& address);

/// "|1|192.0.2.1|1025|" and "|2|2001:db8::1|1025|" of EPRT (RFC 2428 section 2).
struct ExtendedPort {
    bool knownFamily = true;
    std::optional<Address> address;
};
ExtendedPort parseExtendedPort(Bytes text);
std::string extendedPortText(const Address& address);

/// The port in the answer to EPSV, "(|||1025|)"; 0 when there is none.
std::uint16_t parseExtendedPassive(Bytes text);

} // namespace twistdpp::ftp
