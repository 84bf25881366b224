#include "twistdpp/reactor/secured_connect.h"

#include "twistdpp/defer/promise.h"

#include <optional>
#include <utility>

namespace twistdpp {

namespace {

/// One connectSecured() under way; kept alive by its parts.
class Attempt : public std::enable_shared_from_this<Attempt> {
    /// Stands in for the user's protocol until the handshake is done, then puts that in its place.
    class Announcer final : public Protocol {
    public:
        Announcer(std::shared_ptr<Attempt> attempt, std::unique_ptr<Protocol> inner)
            : attempt_(std::move(attempt)), inner_(std::move(inner)) {}

        void connectionMade() override {
            Transport& secured = transport();
            Protocol& inner = *inner_;
            const auto attempt = std::move(attempt_);
            const auto self = secured.switchProtocol(std::move(inner_));
            inner.makeConnection(secured);
            attempt->done(&secured);
        }
        void dataReceived(Bytes) override {}
        void connectionLost(const Failure& reason) override {
            // The handshake failed: the protocol is told why, though it has never been connected.
            inner_->changeTransport(transport());
            inner_->connectionLost(reason);
            attempt_->done(reason);
        }

    private:
        std::shared_ptr<Attempt> attempt_;
        std::unique_ptr<Protocol> inner_;
    };

public:
    Deferred<Transport*> start(
        Reactor& reactor, std::string host, std::uint16_t port, std::shared_ptr<Factory> factory,
        std::shared_ptr<const ContextFactory> context, Duration timeout
    ) {
        const auto keep = shared_from_this();
        promise_.emplace([this] { giveUp(); });
        auto result = promise_->deferred();
        auto secured =
            makeFactory([keep, factory, context, host](const Address& peer) -> std::unique_ptr<Protocol> {
                auto inner = factory->buildProtocol(peer);
                if (!inner)
                    return nullptr;
                return context->clientProtocol(std::make_unique<Announcer>(keep, std::move(inner)), host);
            });
        connecting_.emplace(reactor.connectTCP(std::move(host), port, std::move(secured), timeout)
                                .addBoth([keep](Outcome<Transport*> plain) {
                                    if (plain.ok())
                                        keep->plain_ = keep->promise_ ? plain.value() : nullptr;
                                    else
                                        keep->done(plain.failure());
                                }));
        return result;
    }

private:
    void done(Outcome<Transport*> outcome) {
        plain_ = nullptr;
        if (!promise_)
            return;
        Promise<Transport*> promise = std::move(*promise_);
        promise_.reset();
        promise.fireOutcome(std::move(outcome));
    }

    void giveUp() {
        const auto keep = shared_from_this();
        promise_.reset();
        if (connecting_)
            connecting_->cancel();
        if (Transport* plain = std::exchange(plain_, nullptr))
            plain->abortConnection();
    }

    std::optional<Promise<Transport*>> promise_;
    std::optional<Deferred<void>> connecting_;
    Transport* plain_ = nullptr; // connected, and its handshake not done
};

} // namespace

Deferred<Transport*> connectSecured(
    Reactor& reactor, std::string host, std::uint16_t port, std::shared_ptr<Factory> factory,
    std::shared_ptr<const ContextFactory> context, Duration timeout
) {
    const auto attempt = std::make_shared<Attempt>();
    return attempt->start(reactor, std::move(host), port, std::move(factory), std::move(context), timeout);
}

} // namespace twistdpp
