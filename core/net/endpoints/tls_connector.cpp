#include "twistdpp/endpoints/tls_connector.h"

#include "twistdpp/defer/promise.h"
#include "twistdpp/reactor/errors.h"

#include <optional>
#include <utility>

namespace twistdpp::detail {

namespace {

/// One connection on its way through the handshake.
class Attempt {
public:
    static Deferred<Transport*> start(
        const std::shared_ptr<Attempt>& attempt,
        UniqueFunction<Deferred<Transport*>(std::shared_ptr<Factory>)>& lower,
        std::shared_ptr<Factory> secured
    ) {
        attempt->promise_.emplace([weak = std::weak_ptr<Attempt>(attempt)] {
            if (const auto self = weak.lock())
                self->giveUp();
        });
        auto result = attempt->promise_->deferred();
        attempt->connecting_.emplace(
            lower(std::move(secured)).addBoth([attempt](Outcome<Transport*> outcome) {
                if (!outcome.ok())
                    attempt->failed(std::move(outcome).failure());
                else if (attempt->promise_)
                    attempt->lower_ = outcome.value();
            })
        );
        return result;
    }

    void ready(Transport& secured) {
        lower_ = nullptr;
        if (auto promise = take())
            promise->callback(&secured);
    }
    void failed(Failure reason) {
        lower_ = nullptr;
        if (auto promise = take())
            promise->errback(std::move(reason));
    }

private:
    std::optional<Promise<Transport*>> take() {
        auto promise = std::move(promise_);
        promise_.reset();
        return promise;
    }
    void giveUp() {
        if (lower_)
            lower_->abortConnection(Failure(ConnectionAborted("given up in the middle of the TLS handshake"))
            );
        else if (connecting_)
            connecting_->cancel();
    }

    std::optional<Promise<Transport*>> promise_;
    std::optional<Deferred<void>> connecting_;
    Transport* lower_ = nullptr; // while its handshake is going on
};

/// Holds the place of the protocol during the handshake, and gives it up to it at the end.
class Placeholder final : public Protocol {
public:
    Placeholder(std::unique_ptr<Protocol> protocol, std::shared_ptr<Attempt> attempt)
        : protocol_(std::move(protocol)), attempt_(std::move(attempt)) {}

    void connectionMade() override {
        Transport& secured = transport();
        Protocol& protocol = *protocol_;
        const auto attempt = std::move(attempt_);
        const auto self = secured.switchProtocol(std::move(protocol_));
        protocol.makeConnection(secured);
        attempt->ready(secured);
    }
    void dataReceived(Bytes) override {}
    void connectionLost(const Failure& reason) override {
        const auto attempt = std::move(attempt_);
        attempt->failed(reason);
    }

private:
    std::unique_ptr<Protocol> protocol_;
    std::shared_ptr<Attempt> attempt_;
};

} // namespace

Deferred<Transport*> connectTls(
    UniqueFunction<Deferred<Transport*>(std::shared_ptr<Factory>)> lower, std::shared_ptr<Factory> factory,
    std::shared_ptr<const ContextFactory> context, std::string hostname
) {
    const auto attempt = std::make_shared<Attempt>();
    auto secured = makeFactory(
        [attempt, factory = std::move(factory), context = std::move(context),
         hostname = std::move(hostname)](const Address& peer) -> std::unique_ptr<Protocol> {
            auto protocol = factory->buildProtocol(peer);
            if (!protocol)
                return nullptr;
            return context->clientProtocol(
                std::make_unique<Placeholder>(std::move(protocol), attempt), hostname
            );
        }
    );
    return Attempt::start(attempt, lower, std::move(secured));
}

} // namespace twistdpp::detail
