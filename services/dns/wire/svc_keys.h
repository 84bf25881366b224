#pragma once
#include "twistdpp/base/bytes.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace twistdpp::dns {

/// What the value of a service parameter is (RFC 9460 section 7 and the RFCs that its registry names).
enum class SvcValue : std::uint8_t {
    keys,    // of parameters, ascending
    strings, // each with its length in front
    none,
    port,
    ipv4, // one or more
    ipv6, // one or more
    base64,
    text,   // not empty
    groups, // numbers of 16 bits, one or more
    opaque, // of a key without a name
};

struct SvcKey {
    std::uint16_t number;
    SvcValue value;
};

namespace svc {
constexpr std::uint16_t kMandatory = 0, kAlpn = 1, kNoDefaultAlpn = 2;
}

/// "alpn" or "key65333"; the value of a key written as a number is opaque.
std::optional<SvcKey> svcKeyFromText(Bytes text) noexcept;
SvcKey svcKeyFromNumber(std::uint16_t number) noexcept;
void appendSvcKeyText(std::uint16_t number, std::string& to);

/// One parameter in wire form.
struct SvcParam {
    std::uint16_t key;
    Bytes value;
};

/// Takes the next parameter off `rest`; nothing at its end or when it is cut off.
std::optional<SvcParam> nextSvcParam(Bytes& rest) noexcept;
/// Whether a value fits its key.
bool validSvcValue(SvcParam param) noexcept;

} // namespace twistdpp::dns
