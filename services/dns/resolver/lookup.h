#pragma once
#include "twistdpp/base/intrusive_list.h"
#include "twistdpp/defer/promise.h"
#include "twistdpp/dns_resolver/answer.h"
#include "twistdpp/dns_resolver/exchange.h"
#include "twistdpp/dns_wire/name.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace twistdpp::dns {

class Resolver;

/// One question on its way through the servers of a Resolver, and those who wait for its answer.
class Lookup final : public std::enable_shared_from_this<Lookup>, public ExchangeUser {
public:
    Lookup(Resolver& resolver, const Asked& asked, std::string key);
    ~Lookup();

    Deferred<AnswerRef> wait();
    void start();
    /// The resolver dies: those who wait get an AbandonedError.
    void abandon();
    const std::string& key() const noexcept { return key_; }

private:
    struct Waiter : ListHook {
        explicit Waiter(Lookup& lookup) : promise([this, &lookup] { lookup.left(*this); }) {}
        Promise<AnswerRef> promise;
    };

    void left(Waiter& waiter);
    void askNext();
    void ask(UpstreamServer& server);
    void exchangeAnswered(Exchange& exchange, Bytes response) override;
    void exchangeLate(Exchange& exchange) override;
    void exchangeFailed(Exchange& exchange, const Failure& reason) override;
    void goOn(const Exchange& after);
    void over(Exchange& exchange);
    void timeUp();
    void finish(Outcome<AnswerRef> outcome);
    Failure noAnswer() const;

    Resolver* resolver_; // null once it is over
    Name name_;
    Asked asked_;
    std::string key_;
    IntrusiveList<Waiter> waiters_;
    std::vector<UpstreamServer*> order_;
    std::size_t asks_ = 0;
    Exchange* current_ = nullptr; // whose time decides when the next one is asked
    bool exhausted_ = false;      // nobody is left to be asked
    std::vector<std::unique_ptr<Exchange>> exchanges_;
    std::vector<std::unique_ptr<Exchange>> ended_; // may still be in a callback
    AnswerRef second_;                             // SERVFAIL or the like, for want of something better
    std::string lastReason_;
    bool network_ = false;
    TimerNode limit_;
};

} // namespace twistdpp::dns
