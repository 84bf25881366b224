#include "twistdpp/dns_resolver/lookup.h"

#include "twistdpp/dns_resolver/resolver.h"
#include "twistdpp/reactor/errors.h"

#include <algorithm>
#include <utility>

namespace twistdpp::dns {

Lookup::Lookup(Resolver& resolver, const Asked& asked, std::string key)
    : resolver_(&resolver), name_(asked.name), asked_(asked), key_(std::move(key)),
      limit_(resolver.reactor().timers(), [this] { timeUp(); }) {
    asked_.name = name_.wire();
}

Lookup::~Lookup() {
    resolver_ = nullptr;
    while (Waiter* waiter = waiters_.popFront())
        delete waiter;
}

Deferred<AnswerRef> Lookup::wait() {
    auto* waiter = new Waiter(*this);
    waiters_.pushBack(*waiter);
    return waiter->promise.deferred();
}

void Lookup::left(Waiter& waiter) {
    const auto keep = shared_from_this();
    delete &waiter;
    if (waiters_.empty() && resolver_)
        finish(Failure(CancelledError()));
}

void Lookup::start() {
    order_ = resolver_->order();
    limit_.start(resolver_->options().limit);
    const auto keep = shared_from_this();
    resolver_->probe(asked_);
    askNext();
}

void Lookup::askNext() {
    if (!resolver_)
        return;
    const ResolverOptions& options = resolver_->options();
    if (asks_ < order_.size() * std::max(options.attempts, 1U))
        return ask(*order_[asks_ % order_.size()]);
    if (!exchanges_.empty()) {
        // A late answer is one, too: they are waited for once more, together.
        const Duration left = limit_.due() - resolver_->reactor().now();
        if (!std::exchange(exhausted_, true))
            limit_.start(std::min(left, options.timeout));
        return;
    }
    if (second_)
        finish(std::exchange(second_, nullptr));
    else
        finish(noAnswer());
}

void Lookup::ask(UpstreamServer& server) {
    const ResolverOptions& options = resolver_->options();
    const std::size_t round = asks_ / order_.size();
    ++asks_;
    // Longer each time round, so that a network that is only slow is not asked to death.
    const Duration patience =
        std::min(server.patience(options.timeout) * (1L << std::min<std::size_t>(round, 5)), options.timeout);
    exchanges_.push_back(std::make_unique<Exchange>(
        resolver_->reactor(), resolver_->sockets_, server, asked_, options.exchange, *this
    ));
    Exchange& exchange = *exchanges_.back();
    current_ = &exchange;
    exchange.start(patience);
}

/// Goes on when nothing else is waited for in its time.
void Lookup::goOn(const Exchange& after) {
    if (current_ != &after && !exchanges_.empty())
        return;
    current_ = nullptr;
    askNext();
}

/// Sets an exchange aside until this look-up dies: it is in a call.
void Lookup::over(Exchange& exchange) {
    const auto at = std::find_if(exchanges_.begin(), exchanges_.end(), [&](const auto& one) {
        return one.get() == &exchange;
    });
    if (at == exchanges_.end())
        return;
    ended_.push_back(std::move(*at));
    exchanges_.erase(at);
}

void Lookup::exchangeAnswered(Exchange& exchange, Bytes response) {
    const auto keep = shared_from_this();
    over(exchange);
    if (!resolver_)
        return;
    const Address& server = exchange.server().address();
    auto read = resolver_->reader_.read(response, asked_);
    if (!read || read->referral) {
        lastReason_ = server.toString() + (read ? " only names other servers" : " sent a malformed answer");
        return goOn(exchange);
    }
    read->server = server;
    auto answer = std::make_shared<const Answer>(*std::move(read));
    if (answer->rcode == Rcode::noError || answer->rcode == Rcode::nxDomain ||
        answer->rcode == Rcode::yxDomain)
        return finish(AnswerRef(std::move(answer)));
    lastReason_ = server.toString() + " answered " + rcodeText(answer->rcode);
    second_ = std::move(answer);
    goOn(exchange);
}

void Lookup::exchangeLate(Exchange& exchange) {
    const auto keep = shared_from_this();
    if (lastReason_.empty())
        lastReason_ = exchange.server().address().toString() + " does not answer";
    if (current_ == &exchange)
        goOn(exchange);
}

void Lookup::exchangeFailed(Exchange& exchange, const Failure& reason) {
    const auto keep = shared_from_this();
    over(exchange);
    network_ = network_ || reason.check<ConnectError>() || reason.check<ConnectionEnd>();
    lastReason_ = reason.message();
    goOn(exchange);
}

void Lookup::timeUp() {
    const auto keep = shared_from_this();
    if (!resolver_)
        return;
    if (second_)
        finish(std::exchange(second_, nullptr));
    else
        finish(noAnswer());
}

Failure Lookup::noAnswer() const {
    return NoAnswerError(
        "no answer for " + name_.toString() + " " + typeText(asked_.type) + ": " +
            (lastReason_.empty() ? "the time is up" : lastReason_),
        network_
    );
}

void Lookup::abandon() {
    const auto keep = shared_from_this();
    if (resolver_)
        finish(Failure(AbandonedError()));
}

/// The callers keep a reference to this.
void Lookup::finish(Outcome<AnswerRef> outcome) {
    Resolver* const resolver = std::exchange(resolver_, nullptr);
    limit_.stop();
    for (auto& exchange : exchanges_)
        ended_.push_back(std::move(exchange));
    exchanges_.clear();
    for (auto& exchange : ended_)
        exchange->stop();
    resolver->lookups_.erase(key_);
    // Whoever is told may destroy the resolver, and cancel others of the row.
    while (Waiter* waiter = waiters_.popFront()) {
        Promise<AnswerRef> promise = std::move(waiter->promise);
        delete waiter;
        if (outcome.ok())
            promise.callback(outcome.value());
        else
            promise.errback(outcome.failure());
    }
}

} // namespace twistdpp::dns
