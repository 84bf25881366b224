#pragma once
#include "twistdpp/dns_wire/name.h"
#include "twistdpp/dns_wire/tsig.h"
#include "twistdpp/dns_zone/zone.h"

#include <cstdint>
#include <optional>
#include <string>

namespace twistdpp::dns {

/// A request of ours with what is needed to check the answer to it. A value; the key must outlive it.
struct SignedRequest {
    std::string message;
    std::string mac; // of its signature; empty without a key

    std::uint16_t id() const noexcept;
};

/// A request with one question and a random id, signed when there is a key. `soa` of a zone is put into the
/// section given: the authority of IXFR (RFC 1995 section 3), the answer of NOTIFY (RFC 1996 section 3.7).
SignedRequest makeRequest(
    Opcode opcode, std::uint16_t flags, Bytes zone, Type type, const TsigKey* key, const Zone* soa = nullptr,
    Section section = Section::authority
);

/// Empty when the answer is signed as it has to be, else what is wrong; always empty without a key.
std::string signatureProblem(Bytes answer, const SignedRequest& request, const TsigKey* key);

} // namespace twistdpp::dns
