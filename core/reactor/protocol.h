#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/defer/failure.h"
#include "twistdpp/reactor/address.h"

#include <cassert>
#include <memory>
#include <utility>

namespace twistdpp {

class Transport;

/// One side of a conversation: what arrives is given to it, and what it writes to its transport is sent. The
/// transport owns it and destroys it after connectionLost(), at the end of the loop turn. Every call comes on
/// the reactor's thread.
class Protocol {
public:
    Protocol() = default;
    Protocol(const Protocol&) = delete;
    Protocol& operator=(const Protocol&) = delete;
    virtual ~Protocol() = default;

    /// Called by the transport, or by a protocol that wraps this one (TLS), once before anything else. Again
    /// with another transport when one is put in between (STARTTLS), then without connectionMade().
    void makeConnection(Transport& transport) {
        transport_ = &transport;
        connectionMade();
    }
    void changeTransport(Transport& transport) noexcept { transport_ = &transport; }

    virtual void connectionMade() {}
    /// Some bytes of the stream, in order, cut anywhere; borrowed for the call.
    virtual void dataReceived(Bytes data) = 0;
    /// The peer will send no more, but may still read. The default closes after what is queued was sent.
    virtual void readConnectionLost();
    /// The send queue has fallen below its low mark after it had been above the high one.
    virtual void writable() {}
    /// The connection has ended and `reason` says why (ConnectionDone, ConnectionLost, ConnectionAborted).
    /// The last call.
    virtual void connectionLost(const Failure& reason) { static_cast<void>(reason); }

    /// Only between makeConnection() and the end of connectionLost().
    Transport& transport() const noexcept {
        assert(transport_ != nullptr);
        return *transport_;
    }
    bool connected() const noexcept { return transport_ != nullptr; }

private:
    Transport* transport_ = nullptr;
};

/// Makes the protocol of each new connection. Shared by the ports and connectors that use it.
class Factory {
public:
    Factory() = default;
    Factory(const Factory&) = delete;
    Factory& operator=(const Factory&) = delete;
    virtual ~Factory() = default;

    /// A connection from (or, for a client, to) `peer` is there. nullptr refuses it: it is closed at once.
    virtual std::unique_ptr<Protocol> buildProtocol(const Address& peer) = 0;
};

namespace detail {
template <class Build>
class CallableFactory final : public Factory {
public:
    explicit CallableFactory(Build build) : build_(std::move(build)) {}
    std::unique_ptr<Protocol> buildProtocol(const Address& peer) override { return build_(peer); }

private:
    Build build_;
};
} // namespace detail

/// A factory that calls `build(const Address&)`, which returns a unique_ptr of a protocol.
template <class Build>
std::shared_ptr<Factory> makeFactory(Build build) {
    return std::make_shared<detail::CallableFactory<Build>>(std::move(build));
}

/// A factory of protocols `P` that need nothing but `args` (copied for each).
template <class P, class... Args>
std::shared_ptr<Factory> makeFactory(Args... args) {
    return makeFactory([args...](const Address&) -> std::unique_ptr<Protocol> {
        return std::make_unique<P>(args...);
    });
}

} // namespace twistdpp
