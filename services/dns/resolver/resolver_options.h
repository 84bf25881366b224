#pragma once
#include "twistdpp/base/time.h"
#include "twistdpp/dns_resolver/answer.h"
#include "twistdpp/dns_resolver/exchange.h"
#include "twistdpp/reactor/address.h"

#include <vector>

namespace twistdpp::dns {

/// Which server is asked first; those that do not answer come last in any case.
enum class ServerOrder {
    listed,  // the first one, as resolv.conf(5) says
    rotate,  // each in its turn
    fastest, // the one with the shortest round trip; now and then another one
};

/// Whom a Resolver asks, and how.
struct ResolverOptions {
    ResolverOptions() = default;
    explicit ResolverOptions(std::vector<Address> where) : servers(std::move(where)) {}

    std::vector<Address> servers; // with their ports
    ServerOrder order = ServerOrder::listed;
    Duration timeout = std::chrono::seconds(5); // the longest that one server is waited for before the next
    unsigned attempts = 4;                      // how often each server is asked at most
    Duration limit = std::chrono::seconds(12);  // for a look-up in all
    Duration tcpConnectTimeout = std::chrono::seconds(4);
    Duration tcpIdle = std::chrono::seconds(10);
    std::size_t maxSockets = 512;  // for UDP, open at a time
    std::size_t maxLookups = 5000; // under way at a time
    TtlLimits ttl;
    ExchangeOptions exchange;
};

} // namespace twistdpp::dns
