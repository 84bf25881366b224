#include "twistdpp/dns_resolver/forwarder.h"

#include "twistdpp/dns_resolver/own_address.h"

#include <utility>

namespace twistdpp::dns {

namespace {
constexpr std::size_t kLargest = 65535;
constexpr std::uint32_t kStaleTtl = 30; // RFC 8767 section 4
} // namespace

/// Someone who waits for the network. It is shared with the look-up's callback, which may come late.
struct Forwarder::Client : ListHook {
    Client(Forwarder& forwarder, const ForwardQuery& from, Done call)
        : owner(&forwarder), name(from.asked.name), query(from), done(std::move(call)),
          old(forwarder.resolver_->reactor().timers(), [this] {
              if (owner)
                  owner->stale(*this);
          }) {
        query.asked.name = name;
        query.from = nullptr;
    }

    Forwarder* owner; // null once it is gone
    std::string name;
    ForwardQuery query;
    Done done; // empty once it was told
    TimerNode old;
    std::optional<Deferred<void>> lookup;
};

Result<std::unique_ptr<Forwarder>>
Forwarder::make(std::shared_ptr<Resolver> resolver, ForwarderOptions options) {
    if (auto fine = refuseOwn(resolver->options().servers, options.listening); !fine)
        return std::move(fine).error();
    return std::unique_ptr<Forwarder>(new Forwarder(std::move(resolver), std::move(options)));
}

Forwarder::Forwarder(std::shared_ptr<Resolver> resolver, ForwarderOptions options)
    : resolver_(std::move(resolver)), options_(std::move(options)), cache_(options_.cache),
      memory_(std::make_unique_for_overwrite<char[]>(kLargest)), scratch_(memory_.get(), kLargest) {}

Forwarder::~Forwarder() {
    std::vector<Deferred<void>> lookups;
    while (Client* client = clients_.popFront()) {
        client->owner = nullptr;
        client->old.stop();
        client->done.reset();
        if (client->lookup)
            lookups.push_back(std::move(*client->lookup));
    }
    for (Deferred<void>& lookup : lookups)
        lookup.cancel();
}

ReplyHead Forwarder::head(const ForwardQuery& query, bool authenticated) const noexcept {
    ReplyHead head;
    head.id = query.id;
    head.name = query.asked.name;
    unsigned flags =
        (query.recursionDesired ? Flag::rd : 0U) | (query.asked.checkingDisabled ? Flag::cd : 0U);
    if (authenticated && options_.trustUpstream && (query.wantsAuthenticated || query.asked.dnssecOk))
        flags |= Flag::ad;
    head.flags = static_cast<std::uint16_t>(flags);
    return head;
}

void Forwarder::empty(
    const ForwardQuery& query, Rcode rcode, Ede ede, std::span<char> out, ForwardReply& reply
) {
    const std::size_t size =
        writeEmptyReply(rcode, query.asked.type, query.asked.klass, head(query, false), out);
    reply.message = Bytes(out.data(), size);
    reply.rcode = rcode;
    reply.ede = ede;
}

bool Forwarder::fromCache(
    const ForwardQuery& query, const Cached& found, std::span<char> out, ForwardReply& reply
) {
    if (found.failure) {
        empty(query, found.rcode, Ede::cachedError, out, reply);
        reply.cached = true;
        return !reply.message.empty();
    }
    const bool old = found.state == Cached::State::stale;
    const std::size_t size = writeReply(
        found.message, found.ttls, found.age, old ? std::optional(kStaleTtl) : std::nullopt,
        head(query, found.authenticated && !old), out
    );
    reply.message = Bytes(out.data(), size);
    reply.rcode = found.rcode;
    reply.cached = true;
    if (old)
        reply.ede = found.rcode == Rcode::nxDomain ? Ede::staleNxdomain : Ede::staleAnswer;
    return size != 0;
}

bool Forwarder::answerNow(const ForwardQuery& query, std::span<char> out, ForwardReply& reply) {
    const Cached found = cache_.find(query.asked, resolver_->reactor().now());
    if (found.state == Cached::State::fresh || found.hold) {
        if (!fromCache(query, found, out, reply))
            return false;
        ++(found.hold ? statistics_.stale : statistics_.hits);
        return true;
    }
    if (out.size() < kMaxName + 16)
        return false;
    if (query.asked.type == Type::none || (isMetaType(query.asked.type) && query.asked.type != Type::ANY)) {
        // Transfers and signatures of messages are between two servers.
        ++statistics_.refused;
        empty(query, Rcode::notImp, Ede::notSupported, out, reply);
        return true;
    }
    if (!query.recursionDesired) {
        // Only what is known already may be given to who asks so; it is not: this server owns no names.
        ++statistics_.refused;
        empty(query, Rcode::refused, Ede::notAuthoritative, out, reply);
        return true;
    }
    if (query.from && resolver_->sent(query.from->port(), query.id)) {
        ++statistics_.loops;
        empty(query, Rcode::servFail, Ede::other, out, reply);
        return true;
    }
    if (waiting_ >= options_.maxClients) {
        ++statistics_.failures;
        empty(query, Rcode::servFail, Ede::notReady, out, reply);
        return true;
    }
    return false;
}

void Forwarder::forward(const ForwardQuery& query, Done done) {
    ForwardReply reply;
    if (answerNow(query, scratch_, reply))
        return done(reply);
    ++statistics_.misses;
    const auto client = std::make_shared<Client>(*this, query, std::move(done));
    clients_.pushBack(*client);
    ++waiting_;
    client->old.start(options_.staleAfter);
    auto lookup = resolver_->query(client->query.asked).addBoth([client](Outcome<AnswerRef> outcome) {
        client->old.stop();
        if (client->owner)
            client->owner->resolved(*client, std::move(outcome));
    });
    if (!lookup.called() && client->owner)
        client->lookup.emplace(std::move(lookup));
}

/// The client has waited for long enough: it gets what there is, if anything. The look-up goes on.
bool Forwarder::stale(Client& client) {
    const Cached found = cache_.find(client.query.asked, resolver_->reactor().now());
    ForwardReply reply;
    if (!client.done || found.failure || !found || !fromCache(client.query, found, scratch_, reply))
        return false;
    ++statistics_.stale;
    tell(client, reply);
    return true;
}

void Forwarder::resolved(Client& client, Outcome<AnswerRef> outcome) {
    client.unlink();
    --waiting_;
    const TimePoint now = resolver_->reactor().now();
    ForwardReply reply;
    const AnswerRef answer = outcome.ok() ? outcome.value() : nullptr;
    if (answer && (answer->rcode == Rcode::noError || answer->rcode == Rcode::nxDomain ||
                   answer->rcode == Rcode::yxDomain)) {
        // Of those who waited for the same answer the first one has kept it.
        if (cache_.find(client.query.asked, now).state != Cached::State::fresh)
            cache_.put(client.query.asked, *answer, now);
        if (!client.done)
            return;
        const std::size_t size = writeReply(
            answer->message, answer->ttls, 0, std::nullopt, head(client.query, answer->authenticated),
            scratch_
        );
        reply.message = Bytes(scratch_.data(), size);
        reply.rcode = answer->rcode;
        return tell(client, reply);
    }
    ++statistics_.failures;
    if (const Cached found = cache_.find(client.query.asked, now); !found.failure)
        cache_.putFailure(client.query.asked, now);
    if (!client.done || stale(client))
        return;
    if (answer) {
        empty(client.query, answer->rcode, Ede::noReachableAuthority, scratch_, reply);
        reply.ede.reset(); // the server has said so itself
    } else {
        const auto* const why = outcome.failure().as<NoAnswerError>();
        empty(
            client.query, Rcode::servFail,
            why && why->network() ? Ede::networkError : Ede::noReachableAuthority, scratch_, reply
        );
    }
    tell(client, reply);
}

/// The last thing to be done: the forwarder may be gone afterwards.
void Forwarder::tell(Client& client, const ForwardReply& reply) {
    Done done = std::move(client.done);
    done(reply);
}

} // namespace twistdpp::dns
