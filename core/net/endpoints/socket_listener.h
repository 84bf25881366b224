#pragma once
#include "twistdpp/endpoints/server_endpoint.h"
#include "twistdpp/reactor/reactor.h"

#include <memory>

namespace twistdpp::detail {

/// The last step of every server kind: opens the port, with `lowest` around the factory when there is one.
Deferred<std::unique_ptr<Port>>
openPort(Reactor& reactor, ListenSpec spec, std::shared_ptr<Factory> factory, const FactoryWrapper& lowest);

/// A factory in its wrapper; as it is without one.
inline std::shared_ptr<Factory> wrapped(std::shared_ptr<Factory> factory, const FactoryWrapper& lowest) {
    return lowest ? lowest(std::move(factory)) : factory;
}

} // namespace twistdpp::detail
