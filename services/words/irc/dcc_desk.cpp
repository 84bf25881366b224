#include "twistdpp/irc/dcc_desk.h"

#include "twistdpp/defer/errors.h"
#include "twistdpp/irc/casemapping.h"
#include "twistdpp/reactor/errors.h"

#include <algorithm>

namespace twistdpp::irc {

/// A port on which one other end is awaited.
struct DccDesk::Offer {
    std::string user, name;
    std::unique_ptr<Port> port;
    std::uint64_t from = 0; // where a resumed file begins
    std::uint64_t size = 0; // of the file; RESUME may not go beyond
    bool isFile = false;
    Timer end;
    /// What happens when somebody has come, or nobody did.
    UniqueFunction<std::unique_ptr<Protocol>()> come;
    UniqueFunction<void(Failure)> fail;
};

/// A RESUME that waits for its ACCEPT.
struct DccDesk::Resumption {
    std::string user;
    std::uint16_t port = 0;
    std::uint64_t have = 0;
    Timer end;
    Promise<void> accepted;
};

DccDesk::DccDesk(Tell tell) : tell_(std::move(tell)) {}

DccDesk::~DccDesk() {
    for (const auto& offer : std::exchange(offers_, {})) {
        if (offer->fail)
            offer->fail(Failure(CancelledError()));
    }
    for (auto& resumption : std::exchange(resumptions_, {}))
        resumption->accepted.errback(CancelledError());
}

void DccDesk::close(const Offer& offer) {
    offers_.remove_if([&](const auto& each) { return each.get() == &offer; });
}

Result<std::shared_ptr<DccDesk::Offer>>
DccDesk::listen(Bytes user, const Address& on, std::shared_ptr<Factory> factory) {
    auto port = reactor_->listen(ListenSpec(on.withPort(0)), std::move(factory));
    if (!port)
        return std::move(port).error();
    auto offer = std::make_shared<Offer>();
    offer->user = user;
    offer->port = *std::move(port);
    offer->end = reactor_->callLater(kPatience, [this, weak = std::weak_ptr<Offer>(offer)] {
        const auto late = weak.lock();
        if (!late)
            return;
        close(*late);
        if (auto fail = std::move(late->fail))
            fail(Failure(TimeoutError("nobody came for it")));
    });
    offers_.push_back(offer);
    return offer;
}

namespace {

/// Lets one connection in, and then calls `come`.
template <class Come>
std::shared_ptr<Factory> onceFactory(std::shared_ptr<Come> come) {
    return makeFactory([come](const Address&) -> std::unique_ptr<Protocol> {
        return *come ? (*come)() : nullptr;
    });
}

} // namespace

Deferred<std::uint64_t> DccDesk::offerFile(
    Bytes user, const std::string& name, std::uint64_t size, DccSender::Give give, const Address& on
) {
    using Come = UniqueFunction<std::unique_ptr<Protocol>()>;
    const auto come = std::make_shared<Come>();
    auto listening = listen(user, on, onceFactory(come));
    if (!listening)
        return fail<std::uint64_t>(CannotListenError(listening.error().message()));
    const std::shared_ptr<Offer> offer = *std::move(listening);
    offer->name = name;
    offer->size = size;
    offer->isFile = true;
    const auto promise = std::make_shared<Promise<std::uint64_t>>();
    auto done = promise->deferred();
    offer->fail = [promise](Failure why) { promise->errback(std::move(why)); };
    *come = [this, promise, give = std::move(give),
             weak = std::weak_ptr<Offer>(offer)]() mutable -> std::unique_ptr<Protocol> {
        const auto present = weak.lock();
        if (!present || !present->fail)
            return nullptr;
        present->fail.reset();
        auto sender = std::make_unique<DccSender>(std::move(give), present->from);
        sender->done()
            .addBoth([promise](Outcome<std::uint64_t> outcome) { promise->fireOutcome(std::move(outcome)); })
            .detach();
        // The port is in use by this very call.
        reactor_->callSoon([this, present] { close(*present); });
        return sender;
    };
    DccRequest request;
    request.name = name;
    request.address = offer->port->address();
    request.size = size;
    tell_(user, request);
    return done;
}

Deferred<void> DccDesk::offerChat(Bytes user, std::unique_ptr<Protocol> protocol, const Address& on) {
    using Come = UniqueFunction<std::unique_ptr<Protocol>()>;
    const auto come = std::make_shared<Come>();
    auto listening = listen(user, on, onceFactory(come));
    if (!listening)
        return fail(CannotListenError(listening.error().message()));
    const std::shared_ptr<Offer> offer = *std::move(listening);
    const auto promise = std::make_shared<Promise<void>>();
    auto done = promise->deferred();
    offer->fail = [promise](Failure why) { promise->errback(std::move(why)); };
    *come = [this, promise, protocol = std::move(protocol),
             weak = std::weak_ptr<Offer>(offer)]() mutable -> std::unique_ptr<Protocol> {
        const auto present = weak.lock();
        if (!present || !present->fail)
            return nullptr;
        present->fail.reset();
        reactor_->callSoon([this, present, promise] {
            close(*present);
            promise->callback();
        });
        return std::move(protocol);
    };
    DccRequest request;
    request.kind = DccRequest::Kind::chat;
    request.name = "chat";
    request.address = offer->port->address();
    tell_(user, request);
    return done;
}

namespace {

Deferred<std::uint64_t>
fetch(Reactor& reactor, Address address, std::uint64_t have, std::uint64_t size, DccReceiver::Take take) {
    auto receiver = std::make_unique<DccReceiver>(std::move(take), have, size);
    auto done = receiver->done();
    const auto held = std::make_shared<std::unique_ptr<Protocol>>(std::move(receiver));
    auto factory = makeFactory([held](const Address&) { return std::move(*held); });
    auto connecting = reactor.connect(ConnectSpec(std::move(address)), std::move(factory));
    const Outcome<Transport*> connected = co_await std::move(connecting).outcome();
    if (!connected.ok()) {
        // Nobody will ever say how that went.
        std::move(done).addErrback([](const Failure&) { return std::uint64_t{0}; }).detach();
        co_return connected.failure();
    }
    const std::uint64_t all = co_await std::move(done);
    co_return all;
}

} // namespace

Deferred<std::uint64_t> DccDesk::takeFile(const DccRequest& offer, DccReceiver::Take take) {
    return fetch(*reactor_, offer.address, 0, offer.size, std::move(take));
}

Deferred<std::uint64_t>
DccDesk::resumeFile(Bytes user, const DccRequest& offer, std::uint64_t have, DccReceiver::Take take) {
    Resumption& resumption = *resumptions_.emplace_back(std::make_unique<Resumption>());
    resumption.user = user;
    resumption.port = offer.address.port();
    resumption.have = have;
    auto accepted = resumption.accepted.deferred();
    resumption.end = reactor_->callLater(kPatience, [this, late = &resumption] {
        Promise<void> promise = std::move(late->accepted);
        resumptions_.remove_if([&](const auto& each) { return each.get() == late; });
        promise.errback(TimeoutError("the request to go on was not answered"));
    });
    DccRequest request = offer;
    request.kind = DccRequest::Kind::resume;
    request.size = have;
    tell_(user, request);
    return std::move(accepted).addCallback([reactor = reactor_, offer, have,
                                            take = std::move(take)]() mutable {
        return fetch(*reactor, offer.address, have, offer.size, std::move(take));
    });
}

Deferred<void> DccDesk::takeChat(const DccRequest& offer, std::unique_ptr<Protocol> protocol) {
    const auto held = std::make_shared<std::unique_ptr<Protocol>>(std::move(protocol));
    return reactor_
        ->connect(ConnectSpec(offer.address), makeFactory([held](const Address&) {
                      return std::move(*held);
                  }))
        .addCallback([](Transport*) {});
}

bool DccDesk::handle(Bytes user, const DccRequest& request) {
    if (request.kind == DccRequest::Kind::resume) {
        for (const auto& offer : offers_) {
            const bool fits = offer->isFile && offer->fail && sameName(offer->user, user) &&
                              offer->port->address().port() == request.address.port() &&
                              request.size < offer->size;
            if (!fits)
                continue;
            offer->from = request.size;
            DccRequest answer = request;
            answer.kind = DccRequest::Kind::accept;
            tell_(user, answer);
            break;
        }
        return true;
    }
    if (request.kind != DccRequest::Kind::accept)
        return false;
    const auto found = std::find_if(resumptions_.begin(), resumptions_.end(), [&](const auto& each) {
        return sameName(each->user, user) && each->port == request.address.port() &&
               each->have == request.size;
    });
    if (found != resumptions_.end()) {
        const auto resumption = std::move(*found);
        resumptions_.erase(found);
        resumption->accepted.callback();
    }
    return true;
}

} // namespace twistdpp::irc
