#pragma once
#include "twistdpp/reactor/context_factory.h"
#include "twistdpp/reactor/reactor.h"

#include <memory>
#include <string>

namespace twistdpp {

/// connectSSL(): connects, puts the security layer around the factory's protocol, and fires once that
/// protocol has its connectionMade() behind it, with the transport it was given. Fails with the reason of a
/// failed connection or handshake. Cancelling cuts what is under way.
Deferred<Transport*> connectSecured(
    Reactor& reactor, std::string host, std::uint16_t port, std::shared_ptr<Factory> factory,
    std::shared_ptr<const ContextFactory> context, Duration timeout
);

} // namespace twistdpp
