#pragma once
#include "twistdpp/reactor/protocol.h"

#include <memory>
#include <string_view>

namespace twistdpp {

/// Puts a security layer around a protocol: what listenSSL() and connectSSL() are given. The TLS layer
/// implements it; the reactor knows no more of TLS than this. Shared and immutable; may be used by several
/// reactors at once.
class ContextFactory {
public:
    virtual ~ContextFactory() = default;
    /// The protocol to give to a plain transport, so that `inner` speaks over TLS as a server.
    virtual std::unique_ptr<Protocol> serverProtocol(std::unique_ptr<Protocol> inner) const = 0;
    /// As a client that expects the peer to be `hostname`.
    virtual std::unique_ptr<Protocol>
    clientProtocol(std::unique_ptr<Protocol> inner, std::string_view hostname) const = 0;
};

} // namespace twistdpp
