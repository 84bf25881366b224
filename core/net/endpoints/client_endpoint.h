#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/defer/deferred.h"
#include "twistdpp/reactor/protocol.h"
#include "twistdpp/reactor/transport.h"

#include <memory>
#include <string>
#include <string_view>

namespace twistdpp {

class Reactor;

/// What a client connects to, as often as it likes. It must not outlive its reactor.
class ClientEndpoint {
public:
    virtual ~ClientEndpoint() = default;

    /// Fires once the protocol had its connectionMade() (after the handshake, with TLS), with the protocol's
    /// own transport; fails with what kept it from that. Cancelling gives up.
    virtual Deferred<Transport*> connect(std::shared_ptr<Factory> factory) = 0;

    /// The description it was made from.
    const std::string& describe() const noexcept { return description_; }
    void setDescription(std::string text) { description_ = std::move(text); }

private:
    std::string description_;
};

/// The endpoint that a description names: "tcp:www.example.org:80", "tls:www.example.org:443". The error is
/// one line for the person who wrote it.
Result<std::unique_ptr<ClientEndpoint>> clientFromString(Reactor& reactor, std::string_view text);

} // namespace twistdpp
