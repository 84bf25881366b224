#pragma once
#include "twistdpp/endpoints/client_endpoint.h"
#include "twistdpp/net/stream.h"

#include <memory>
#include <utility>

namespace twistdpp {

/// Connects and gives the connection as a Stream; fails as the endpoint's connect() does.
inline Deferred<Stream> connectStream(ClientEndpoint& endpoint) {
    return connectStream([&endpoint](std::shared_ptr<Factory> factory) {
        return endpoint.connect(std::move(factory));
    });
}

} // namespace twistdpp
