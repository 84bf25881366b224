#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/defer/deferred.h"
#include "twistdpp/endpoints/endpoint_options.h"
#include "twistdpp/reactor/protocol.h"
#include "twistdpp/reactor/transport.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace twistdpp {

class Reactor;

/// Puts something around a factory: a ConnectionPolicy, the reading of a PROXY header.
using FactoryWrapper = std::function<std::shared_ptr<Factory>(std::shared_ptr<Factory>)>;

/// Where a server listens. Making one reads files and looks at descriptors, so that mistakes are found at
/// start; nothing is bound before listen(). It may be dropped once the Port is there, and must not outlive
/// its reactor.
class ServerEndpoint {
public:
    virtual ~ServerEndpoint() = default;

    /// Fails with a CannotListenError. Its Port::address() is the real one: with port 0 the one chosen.
    Deferred<std::unique_ptr<Port>> listen(std::shared_ptr<Factory> factory) {
        return listenBelow(std::move(factory), {});
    }
    /// As listen(), with `lowest` around the factory right above the network, below TLS and the PROXY header.
    virtual Deferred<std::unique_ptr<Port>>
    listenBelow(std::shared_ptr<Factory> factory, const FactoryWrapper& lowest) = 0;

    /// Reads certificates again; true when they had changed. Connections that are open keep theirs. With an
    /// error the old ones stay in use.
    virtual Result<bool> reload() { return false; }

    /// The description it was made from.
    const std::string& describe() const noexcept { return description_; }
    void setDescription(std::string text) { description_ = std::move(text); }

private:
    std::string description_;
};

/// The endpoint that a description names: "tcp:8080:interface=127.0.0.1". "8080", "HOST:8080" and
/// "[::1]:8080" stand for tcp. The error is one line for the person who wrote the description.
Result<std::unique_ptr<ServerEndpoint>>
serverFromString(Reactor& reactor, std::string_view text, const EndpointOptions& options = {});

} // namespace twistdpp
