#pragma once
#include "twistdpp/reactor/reactor.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace twistdpp {

/// Looks a host up, with port 0, as Reactor::resolve() does.
using HostResolver = std::function<Deferred<std::vector<Address>>(const std::string& host, Family family)>;

/// How connectHost() goes about it.
struct ConnectHostOptions {
    ConnectHostOptions() = default;
    Duration timeout = std::chrono::seconds(30);            // for the look-up and all attempts together
    Duration attemptDelay = std::chrono::milliseconds(250); // RFC 8305, section 5
    Family family = Family::any;
    Address bindAddress;  // its family alone is tried
    HostResolver resolve; // in place of the reactor's; may be empty
};

/// Connects to a host by name (or numeric address): looks it up, interleaves the families and tries one
/// address after the other, the next as soon as one fails or after attemptDelay; the first connection wins
/// and the other attempts are given up (RFC 8305). `factory` is asked for a protocol only for the winner.
/// Fails with the last attempt's ConnectError, a DNSLookupError, or a ConnectTimeoutError. Cancelling stops
/// everything.
Deferred<Transport*> connectHost(
    Reactor& reactor, std::string host, std::uint16_t port, std::shared_ptr<Factory> factory,
    const ConnectHostOptions& options = {}
);

} // namespace twistdpp
