#include "twistdpp/sim/sim_connector.h"

#include "twistdpp/defer/promise.h"
#include "twistdpp/reactor/errors.h"
#include "twistdpp/sim/sim_network.h"
#include "twistdpp/sim/sim_port.h"
#include "twistdpp/sim/sim_reactor.h"

namespace twistdpp {

namespace {

/// One attempt: a request that travels to the port, and its answer back. It destroys itself at its end.
class Attempt final : public SimOperation {
public:
    Attempt(SimReactor& reactor, ConnectSpec spec, std::shared_ptr<Factory> factory)
        : reactor_(reactor), spec_(std::move(spec)), factory_(std::move(factory)),
          promise_([this] { cancelled(); }), step_(reactor.timers(), [this] { asked(); }),
          answer_(reactor.timers(), [this] { answered(); }),
          timeout_(reactor.timers(), [this] { fail(ConnectTimeoutError(spec_.address.toString())); }) {}

    Deferred<Transport*> start() {
        reactor_.track(*this);
        reactor_.note("connect", spec_.address.toString());
        step_.start(reactor_.latency());
        timeout_.start(spec_.timeout);
        return promise_.deferred();
    }

    void reactorEnds() override {
        fail(ConnectError(std::make_error_code(std::errc::operation_canceled), spec_.address.toString()));
    }

private:
    void asked() {
        SimNetwork& network = reactor_.network();
        const Address::Kind own = spec_.bindAddress.kind();
        if (own != Address::Kind::none && own != spec_.address.kind())
            return fail(
                ConnectError(std::make_error_code(std::errc::invalid_argument), spec_.address.toString())
            );
        if (network.unreachable(spec_.address))
            return; // nobody answers, ever
        if (SimPort* port = network.portAt(spec_.address)) {
            if (!port->hasRoom())
                return;
            const Address source = network.sourceFor(spec_.address, spec_.bindAddress);
            const auto [mine, theirs] = network.makePair(source, spec_.address);
            connection_ = mine;
            answer_.start(reactor_.latency());
            port->incoming(*theirs);
        } else {
            answer_.start(reactor_.latency());
        }
    }

    void answered() {
        if (!connection_)
            return fail(ConnectionRefusedError(spec_.address.toString()));
        timeout_.stop();
        // Both the factory and connectionMade() may cancel: this stays until they have returned.
        handingOver_ = true;
        auto protocol = factory_->buildProtocol(spec_.address);
        if (!protocol && !cancelled_)
            return fail(ConnectionAborted("the factory wants no connection to " + spec_.address.toString()));
        if (!cancelled_)
            connection_->begin(std::move(protocol));
        if (cancelled_) {
            giveUp();
            delete this;
            return;
        }
        SimConnection* const connection = connection_;
        Promise<Transport*> promise = std::move(promise_);
        delete this;
        promise.callback(connection);
    }

    void cancelled() {
        if (handingOver_) {
            cancelled_ = true;
            return;
        }
        giveUp();
        delete this;
    }

    void fail(Failure failure) {
        reactor_.note("fail", spec_.address.toString(), failure.message());
        giveUp();
        Promise<Transport*> promise = std::move(promise_);
        delete this;
        promise.errback(std::move(failure));
    }

    void giveUp() {
        if (connection_)
            connection_->end(ConnectionAborted("the attempt to connect was given up"), true);
    }

    SimReactor& reactor_;
    ConnectSpec spec_;
    std::shared_ptr<Factory> factory_;
    Promise<Transport*> promise_;
    TimerNode step_;
    TimerNode answer_;
    TimerNode timeout_;
    SimConnection* connection_ = nullptr; // the client's end, before it has a protocol
    bool handingOver_ = false;            // to the factory and its protocol
    bool cancelled_ = false;              // by one of these
};

} // namespace

Deferred<Transport*>
startSimConnecting(SimReactor& reactor, ConnectSpec spec, std::shared_ptr<Factory> factory) {
    auto* attempt = new Attempt(reactor, std::move(spec), std::move(factory));
    return attempt->start();
}

} // namespace twistdpp
