#pragma once
#include "twistdpp/base/log.h"
#include "twistdpp/sim/sim_reactor.h"
#include "twistdpp/tls/self_signed.h"
#include "twistdpp/tls/tls_context.h"
#include "twistdpp/tls/tls_errors.h"
#include "twistdpp/tls/tls_transport.h"

#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace twistdpp::test {

/// What a protocol of a test has seen; outlives it.
struct Seen {
    Transport* transport = nullptr; // while connected
    bool made = false;
    std::string data;
    std::size_t calls = 0; // of dataReceived
    bool readClosed = false;
    int writable = 0;
    std::optional<Failure> lost;
    TlsInfo tls;

    std::string lostMessage() const { return lost ? lost->message() : "(not lost)"; }

    // What it shall do.
    std::function<void(Transport&)> onMade;
    std::function<void(Transport&, Bytes)> onData;
    std::function<void(Transport&)> onWritable;
    bool closeOnEof = true;
};

/// Writes down all that happens to it.
class Recorder : public Protocol {
public:
    explicit Recorder(std::shared_ptr<Seen> seen) : seen_(std::move(seen)) {}

    void connectionMade() override {
        seen_->made = true;
        seen_->transport = &transport();
        if (transport().tls())
            seen_->tls = *transport().tls();
        if (seen_->onMade)
            seen_->onMade(transport());
    }
    void dataReceived(Bytes data) override {
        seen_->data += data;
        ++seen_->calls;
        if (seen_->onData)
            seen_->onData(transport(), data);
    }
    void readConnectionLost() override {
        seen_->readClosed = true;
        if (seen_->closeOnEof)
            transport().loseConnection();
    }
    void writable() override {
        ++seen_->writable;
        if (seen_->onWritable)
            seen_->onWritable(transport());
    }
    void connectionLost(const Failure& reason) override {
        seen_->lost = reason;
        seen_->transport = nullptr;
    }

protected:
    std::shared_ptr<Seen> seen_;
};

inline std::shared_ptr<Factory> recorders(std::shared_ptr<Seen> seen) {
    return makeFactory([seen](const Address&) { return std::make_unique<Recorder>(seen); });
}

/// The certificate of the tests' server, made once: making keys takes time.
inline const PemPair& serverPair() {
    static const PemPair pair = *makeSelfSigned({"server.example", "127.0.0.1"});
    return pair;
}

inline ServerTlsOptions serverOptions() {
    return ServerTlsOptions(serverPair().identity());
}
inline ClientTlsOptions clientOptions() {
    return ClientTlsOptions(Pem::text(serverPair().certificate));
}

inline std::shared_ptr<const TlsContext> server(const ServerTlsOptions& options = serverOptions()) {
    auto made = TlsContext::forServer(options);
    EXPECT_TRUE(made.ok()) << (made ? "" : made.error().message());
    return *std::move(made);
}
inline std::shared_ptr<const TlsContext> client(const ClientTlsOptions& options = clientOptions()) {
    auto made = TlsContext::forClient(options);
    EXPECT_TRUE(made.ok()) << (made ? "" : made.error().message());
    return *std::move(made);
}

/// One server and connections to it in a simulated network.
class TlsWorld {
public:
    explicit TlsWorld(SimOptions options = SimOptions()) : reactor(options) {
        for (const char* name : {"server.example", "other.example", "www.other.example", "elsewhere.example"})
            reactor.setHost(name, {Address::loopback(0)});
    }
    ~TlsWorld() {
        port.reset();
        reactor.dropConnections();
        reactor.runUntilIdle();
    }

    void listen(std::shared_ptr<const ContextFactory> context) {
        port = reactor.listenSSL(443, recorders(there), std::move(context));
    }
    void connect(std::shared_ptr<const ContextFactory> context, std::string host = "server.example") {
        reactor.connectSSL(std::move(host), 443, recorders(here), std::move(context)).addBoth([] {}).detach();
    }
    /// Both, until both ends are up or one is lost.
    void meet(
        std::shared_ptr<const ContextFactory> serverSide, std::shared_ptr<const ContextFactory> clientSide,
        std::string host = "server.example"
    ) {
        listen(std::move(serverSide));
        connect(std::move(clientSide), std::move(host));
        reactor.runUntil([this] { return (here->made && there->made) || (here->lost && there->lost); });
    }
    /// Forgets the last connection, so that connect() can make the next one to the same port.
    void again() {
        if (here->transport)
            here->transport->loseConnection();
        reactor.runUntilIdle();
        *here = Seen();
        *there = Seen();
    }

    SimReactor reactor;
    std::shared_ptr<Seen> here = std::make_shared<Seen>();  // the client
    std::shared_ptr<Seen> there = std::make_shared<Seen>(); // the server
    std::unique_ptr<Port> port;
};

} // namespace twistdpp::test
