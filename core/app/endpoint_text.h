#pragma once
#include "twistdpp/reactor/address.h"

#include <cstdint>
#include <string>

namespace twistdpp {

/// The endpoint description `text` with `port` where it asks for port 0, also inside a nested one, so that
/// several reactors share the port that the system chose for the first. What has no port of its own comes
/// back as it is.
std::string endpointWithPort(const std::string& text, std::uint16_t port);

/// How the ready line names a bound endpoint: "tcp 127.0.0.1:8080", "ssl [::1]:8443", "unix:/run/x.sock", and
/// by its description what has no address ("stdio:").
std::string endpointLabel(const std::string& text, const Address& address);

} // namespace twistdpp
