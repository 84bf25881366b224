#pragma once
#include "twistdpp/posix/posix_reactor.h"

#include <memory>

namespace twistdpp {

/// Begins to connect as `spec` says. The Deferred's canceller closes the socket.
Deferred<Transport*>
startConnecting(PosixReactor& reactor, ConnectSpec spec, std::shared_ptr<Factory> factory);

} // namespace twistdpp
