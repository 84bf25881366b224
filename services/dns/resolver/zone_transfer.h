#pragma once
#include "twistdpp/base/unique_function.h"
#include "twistdpp/defer/deferred.h"
#include "twistdpp/dns_wire/record.h"
#include "twistdpp/reactor/reactor.h"

#include <cstddef>

namespace twistdpp::dns {

/// What a server may send of a zone, and how long it may take.
struct TransferLimits {
    std::size_t records = 5'000'000;
    std::size_t bytes = 512UL * 1024 * 1024;  // of messages
    Duration idle = std::chrono::seconds(30); // between two messages
    Duration total = std::chrono::minutes(30);
    Duration connect = std::chrono::seconds(10);
};

/// Fetches a zone over TCP (AXFR, RFC 5936): `each` gets its records one by one as they come, the SOA first
/// and, as the sign of the end, once more last. Fails when the server refuses (DomainError), does not send
/// the zone or not all of it (TransferError), goes beyond a limit, or cannot be reached (ConnectError); what
/// came until then must not be used. Cancelling gives up.
Deferred<void> transferZone(
    Reactor& reactor, const Address& server, Name zone, UniqueFunction<void(Record)> each,
    const TransferLimits& limits = TransferLimits()
);

/// A transfer went wrong: the server sent something else than the zone, or less, or too much.
class TransferError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

} // namespace twistdpp::dns
