// layers: tls sim
// TLS without sockets: both ends on one core, so a server alone does more than half as well again.
#include "twistdpp/sim/sim_reactor.h"
#include "twistdpp/tls/self_signed.h"
#include "twistdpp/tls/tls_context.h"
#include "twistdpp/tls/tls_transport.h"

#include <benchmark/benchmark.h>
#include <cstdlib>

namespace twistdpp {
namespace {

struct Ends {
    Transport* server = nullptr;
    Transport* client = nullptr;
    std::size_t received = 0;
    bool resumed = false;
    bool made = false;
};

class End final : public Protocol {
public:
    End(Ends& ends, bool server) : ends_(ends), server_(server) {}
    void connectionMade() override {
        (server_ ? ends_.server : ends_.client) = &transport();
        ends_.resumed = transport().tls()->resumed;
        ends_.made = ends_.server && ends_.client;
        if (server_)
            transport().write(Bytes("x")); // comes behind the session tickets
    }
    void dataReceived(Bytes data) override { ends_.received += data.size(); }
    void connectionLost(const Failure&) override { (server_ ? ends_.server : ends_.client) = nullptr; }

private:
    Ends& ends_;
    bool server_;
};

class World {
public:
    explicit World(bool resume, bool rsa = false) {
        CertificateSpec spec({"127.0.0.1"});
        spec.rsa = rsa;
        const PemPair pair = *makeCertificate(spec);
        serves_ = *TlsContext::forServer(ServerTlsOptions(pair.identity()));
        ClientTlsOptions options(Pem::text(pair.certificate));
        options.sessionCache = resume;
        asks_ = *TlsContext::forClient(options);
        port_ = reactor_.listenSSL(
            443, makeFactory([this](const Address&) { return std::make_unique<End>(ends, true); }), serves_
        );
    }
    void connect() {
        ends = Ends();
        auto factory = makeFactory([this](const Address&) { return std::make_unique<End>(ends, false); });
        reactor_.connectSSL("127.0.0.1", 443, factory, asks_).addBoth([] {}).detach();
        if (!reactor_.runUntil([this] { return ends.made && ends.received == 1; }))
            std::abort();
        ends.received = 0;
    }
    void close() {
        ends.client->loseConnection();
        reactor_.runUntil([this] { return !ends.client && !ends.server; });
    }
    SimReactor& reactor() { return reactor_; }

    Ends ends;

private:
    static SimOptions options() {
        SimOptions calm = SimOptions::calm();
        calm.window = 1024 * 1024;
        return calm;
    }
    SimReactor reactor_{options()};
    std::shared_ptr<const TlsContext> serves_;
    std::shared_ptr<const TlsContext> asks_;
    std::unique_ptr<Port> port_;
};

void handshakes(benchmark::State& state, bool resume, bool rsa) {
    World world(resume, rsa);
    if (resume) {
        world.connect();
        world.close();
    }
    for (auto _ : state) {
        world.connect();
        if (world.ends.resumed != resume)
            state.SkipWithError("resumption is not as asked for");
        world.close();
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(handshakes, fullEcdsa, false, false);
BENCHMARK_CAPTURE(handshakes, fullRsa2048, false, true);
BENCHMARK_CAPTURE(handshakes, resumed, true, false);

void bulk(benchmark::State& state) {
    World world(false);
    world.connect();
    const Buffer block(Bytes(std::string(static_cast<std::size_t>(state.range(0)), 'x')));
    std::size_t sent = 0;
    for (auto _ : state) {
        world.ends.server->write(block);
        sent += block.size();
        world.reactor().runUntil([&] { return world.ends.received == sent; });
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(sent));
}
BENCHMARK(bulk)->Arg(100)->Arg(16 * 1024)->Arg(4 * 1024 * 1024);

} // namespace
} // namespace twistdpp

BENCHMARK_MAIN();
