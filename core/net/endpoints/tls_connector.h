#pragma once
#include "twistdpp/base/unique_function.h"
#include "twistdpp/defer/deferred.h"
#include "twistdpp/reactor/context_factory.h"
#include "twistdpp/reactor/protocol.h"
#include "twistdpp/reactor/transport.h"

#include <memory>
#include <string>

namespace twistdpp::detail {

/// Connects by means of `lower` and puts TLS above it, expecting the peer to be `hostname`. Fires after the
/// handshake, once the factory's protocol had its connectionMade(), with the transport above TLS; fails with
/// what ended the handshake. Cancelling gives up in the middle of it too.
Deferred<Transport*> connectTls(
    UniqueFunction<Deferred<Transport*>(std::shared_ptr<Factory>)> lower, std::shared_ptr<Factory> factory,
    std::shared_ptr<const ContextFactory> context, std::string hostname
);

} // namespace twistdpp::detail
