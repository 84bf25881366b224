#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/dns_resolver/asked.h"
#include "twistdpp/dns_wire/record.h"
#include "twistdpp/dns_wire/types.h"
#include "twistdpp/reactor/address.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace twistdpp::dns {

/// What a server answered, checked and made clean by readAnswer(): immutable, shared by all who asked.
struct Answer {
    /// A whole message without OPT, id 0, the question in the case in which it was asked. Of the flags only
    /// QR, RD, RA and the lower bits of the rcode are set.
    std::string message;
    /// Where the TTLs of its records stand.
    std::vector<std::uint16_t> ttls;
    Rcode rcode = Rcode::noError; // with the upper bits of OPT
    /// Seconds for which it may be kept and given to others; 0: it is for those who have asked alone.
    std::uint32_t lifetime = 0;
    bool negative = false;      // NXDOMAIN, or nothing of the type that was asked for
    bool referral = false;      // nothing but the names of other servers: no answer of a resolver's
    bool authenticated = false; // the server said that it has validated all of it (AD)
    Address server;             // who said so

    /// The records of a section, names written out, in the order in which they stand.
    std::vector<Record> records(Section section) const;
};
using AnswerRef = std::shared_ptr<const Answer>;

/// Seconds that bound what a server says of an answer's life.
struct TtlLimits {
    std::uint32_t positive = 86400;
    std::uint32_t negative = 10800; // RFC 2308 section 5
};

} // namespace twistdpp::dns
