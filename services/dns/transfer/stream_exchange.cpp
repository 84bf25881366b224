#include "twistdpp/dns_transfer/stream_exchange.h"

#include "twistdpp/defer/promise.h"
#include "twistdpp/net/length_prefixed.h"
#include "twistdpp/reactor/errors.h"

#include <memory>
#include <optional>

namespace twistdpp::dns {

namespace {

class StreamExchange;

/// What the connection and the consumer share: either may go first.
struct Exchange {
    std::string request;
    StreamLimits limits;
    UniqueFunction<bool(Bytes)> take;
    std::optional<Deferred<void>> connecting;
    StreamExchange* connection = nullptr;
    std::optional<Promise<void>> promise;

    void finish(Outcome<void> outcome) {
        if (!promise)
            return;
        Promise<void> last = std::move(*promise);
        promise.reset();
        last.fireOutcome(std::move(outcome));
    }
};

class StreamExchange final : public Int16StringReceiver {
public:
    explicit StreamExchange(std::shared_ptr<Exchange> exchange)
        : Int16StringReceiver(65'535), exchange_(std::move(exchange)) {}

    void connectionMade() override {
        exchange_->connection = this;
        Reactor& reactor = transport().reactor();
        silence_ =
            reactor.callLater(exchange_->limits.silence, [this] { timedOut("the peer says nothing"); });
        whole_ = reactor.callLater(exchange_->limits.whole, [this] { timedOut("the peer takes too long"); });
        sendString(exchange_->request);
    }
    void connectionLost(const Failure& reason) override {
        silence_.cancel();
        whole_.cancel();
        exchange_->connection = nullptr;
        exchange_->finish(
            reason.check<ConnectionDone>() ? Failure(ConnectionLost("the peer closed it before all was said"))
                                           : reason
        );
    }
    void cut() {
        if (!transport().closing())
            transport().abortConnection();
    }

private:
    void stringReceived(Bytes message) override {
        silence_.reset(exchange_->limits.silence);
        const auto exchange = exchange_;
        try {
            if (!exchange->take(message))
                return;
        } catch (...) {
            cut();
            exchange->finish(Failure::current());
            return;
        }
        transport().loseConnection();
        exchange->finish({});
    }
    void timedOut(const char* why) {
        const auto exchange = exchange_;
        cut();
        exchange->finish(Failure(TimeoutError(why)));
    }

    std::shared_ptr<Exchange> exchange_;
    Timer silence_, whole_;
};

} // namespace

Deferred<void> exchangeStream(
    Reactor& reactor, const Address& to, std::string request, StreamLimits limits,
    UniqueFunction<bool(Bytes)> take
) {
    auto exchange = std::make_shared<Exchange>();
    exchange->request = std::move(request);
    exchange->limits = limits;
    exchange->take = std::move(take);
    exchange->promise.emplace([weak = std::weak_ptr(exchange)] {
        const auto still = weak.lock();
        if (still && still->connection)
            still->connection->cut();
        else if (still && still->connecting)
            still->connecting->cancel();
    });
    auto done = exchange->promise->deferred();
    exchange->connecting.emplace(
        reactor
            .connect(
                ConnectSpec(to, limits.connect),
                makeFactory([exchange](const Address&) -> std::unique_ptr<Protocol> {
                    return std::make_unique<StreamExchange>(exchange);
                })
            )
            .addCallbacks([](Transport*) {}, [exchange](const Failure& why) { exchange->finish(why); })
    );
    return done;
}

} // namespace twistdpp::dns
