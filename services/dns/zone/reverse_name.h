#pragma once
#include "twistdpp/base/bytes.h"

#include <string>

namespace twistdpp::dns {

/// Appends the wire name that an address has in the reverse tree: "1.2.0.192.in-addr.arpa." for the four
/// bytes 192.0.2.1 (RFC 1035 section 3.5), 32 labels below ip6.arpa for sixteen (RFC 3596 section 2.5).
void appendReverseName(Bytes address, std::string& to);

} // namespace twistdpp::dns
