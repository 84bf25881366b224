// Names and threads: what in a real reactor other threads do.
#include "twistdpp/defer/promise.h"
#include "twistdpp/reactor/errors.h"
#include "twistdpp/sim/sim_reactor.h"

#include <optional>

namespace twistdpp {

namespace {

bool wanted(const Address& address, Family family) {
    return family == Family::any || (address.kind() == Address::Kind::ipv4) == (family == Family::ipv4);
}

class Lookup final : public SimOperation {
public:
    Lookup(SimReactor& reactor, std::string host, std::vector<Address> found)
        : host_(std::move(host)), found_(std::move(found)), promise_([this] { delete this; }),
          answer_(reactor.timers(), [this] { end("no such name"); }) {
        reactor.track(*this);
        reactor.note("resolve", host_);
        answer_.start(reactor.latency());
    }
    Deferred<std::vector<Address>> result() { return promise_.deferred(); }
    void reactorEnds() override {
        found_.clear();
        end("the reactor ends");
    }

private:
    void end(const std::string& why) {
        auto promise = std::move(promise_);
        auto found = std::move(found_);
        const DNSLookupError error(host_, why);
        delete this;
        if (found.empty())
            promise.errback(error);
        else
            promise.callback(std::move(found));
    }

    std::string host_;
    std::vector<Address> found_;
    Promise<std::vector<Address>> promise_;
    TimerNode answer_;
};

/// A function that a thread would run: it begins at one time and its end is known at a later one.
class Errand final : public SimOperation {
public:
    Errand(SimReactor& reactor, UniqueFunction<void()> f)
        : reactor_(reactor), function_(std::move(f)), promise_([this] { giveUp(); }),
          step_(reactor.timers(), [this] { step(); }) {
        reactor.track(*this);
        step_.start(reactor.latency());
    }
    Deferred<void> result() { return promise_.deferred(); }
    void reactorEnds() override {
        outcome_.emplace(Failure(AbandonedError()));
        end();
    }

private:
    void step() {
        if (outcome_)
            return end();
        reactor_.note("thread");
        try {
            function_();
            outcome_.emplace();
        } catch (...) {
            outcome_.emplace(Failure::current());
        }
        function_.reset();
        step_.start(reactor_.latency());
    }
    void giveUp() {
        // Once it runs it cannot be stopped; its end is then dropped.
        if (!outcome_)
            delete this;
    }
    void end() {
        Promise<void> promise = std::move(promise_);
        Outcome<void> outcome = *std::move(outcome_);
        delete this;
        promise.fireOutcome(std::move(outcome));
    }

    SimReactor& reactor_;
    UniqueFunction<void()> function_;
    std::optional<Outcome<void>> outcome_; // once it has run
    Promise<void> promise_;
    TimerNode step_;
};

} // namespace

void SimReactor::setHost(std::string name, std::vector<Address> addresses) {
    hosts_[std::move(name)] = std::move(addresses);
}

Deferred<std::vector<Address>> SimReactor::resolveBySystem(std::string host, Family family) {
    std::vector<Address> found;
    if (const auto known = hosts_.find(host); known != hosts_.end()) {
        for (const Address& address : known->second) {
            if (wanted(address, family))
                found.push_back(address.withPort(0));
        }
    }
    auto* lookup = new Lookup(*this, std::move(host), std::move(found));
    return lookup->result();
}

Deferred<void> SimReactor::runInThread(Pool, UniqueFunction<void()> f) {
    auto* errand = new Errand(*this, std::move(f));
    return errand->result();
}

} // namespace twistdpp
