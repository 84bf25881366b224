#pragma once
#include "twistdpp/reactor/reactor.h"

#include <memory>

namespace twistdpp {

class SimReactor;

/// SimReactor::connect() for an address that is one.
Deferred<Transport*>
startSimConnecting(SimReactor& reactor, ConnectSpec spec, std::shared_ptr<Factory> factory);

} // namespace twistdpp
