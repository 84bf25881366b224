#include "twistdpp/reactor/connect_host.h"

#include "twistdpp/defer/promise.h"
#include "twistdpp/reactor/errors.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace twistdpp {

namespace {

/// First address, then alternately one of the other family and one of its own (RFC 8305, section 4).
std::vector<Address> interleave(std::vector<Address> addresses) {
    std::vector<Address> first;
    std::vector<Address> second;
    for (Address& address : addresses)
        (address.kind() == addresses.front().kind() ? first : second).push_back(address);
    std::vector<Address> out;
    for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
        if (i < first.size())
            out.push_back(first[i]);
        if (i < second.size())
            out.push_back(second[i]);
    }
    return out;
}

class HostConnector : public std::enable_shared_from_this<HostConnector> {
public:
    HostConnector(
        Reactor& reactor, std::string host, std::uint16_t port, std::shared_ptr<Factory> factory,
        const ConnectHostOptions& options
    )
        : reactor_(reactor), target_(std::move(host)), port_(port), factory_(std::move(factory)),
          options_(options) {}

    Deferred<Transport*> start() {
        promise_.emplace([this] { giveUp(); });
        auto result = promise_->deferred();
        deadline_ = reactor_.callLater(options_.timeout, [this] {
            const auto keep = shared_from_this();
            fail(Failure(ConnectTimeoutError(name())));
        });
        auto found = options_.resolve ? options_.resolve(target_, options_.family)
                                      : reactor_.resolve(target_, options_.family);
        lookup_.emplace(std::move(found).addBoth([keep = shared_from_this()](
                                                     Outcome<std::vector<Address>> addresses
                                                 ) { keep->resolved(std::move(addresses)); }));
        return result;
    }

private:
    std::string name() const { return target_ + ":" + std::to_string(port_); }

    void resolved(Outcome<std::vector<Address>> found) {
        if (!promise_)
            return;
        if (!found.ok())
            return fail(std::move(found).failure());
        const Address::Kind own = options_.bindAddress.kind();
        for (const Address& address : interleave(std::move(found).value())) {
            // From an address of one family there is no way to the other.
            if (own == Address::Kind::none || own == address.kind())
                addresses_.push_back(address.withPort(port_));
        }
        if (addresses_.empty())
            return fail(ConnectError(std::make_error_code(std::errc::address_family_not_supported), name()));
        tryNext();
    }

    void tryNext() {
        if (!promise_ || next_ == addresses_.size())
            return;
        ConnectSpec spec(addresses_[next_++], options_.timeout);
        spec.bindAddress = options_.bindAddress;
        ++running_;
        if (next_ < addresses_.size())
            stagger_ = reactor_.callLater(options_.attemptDelay, [this] {
                const auto keep = shared_from_this();
                tryNext();
            });
        attempts_.push_back(reactor_.connect(std::move(spec), factory_)
                                .addBoth([keep = shared_from_this()](Outcome<Transport*> outcome) {
                                    keep->ended(std::move(outcome));
                                }));
    }

    void ended(Outcome<Transport*> outcome) {
        --running_;
        if (!promise_)
            return;
        if (outcome.ok()) {
            Promise<Transport*> promise = take();
            giveUp();
            promise.callback(std::move(outcome).value());
        } else if (next_ < addresses_.size()) {
            tryNext(); // no waiting for the stagger when an attempt has failed already
        } else if (running_ == 0) {
            fail(std::move(outcome).failure());
        }
    }

    Promise<Transport*> take() {
        Promise<Transport*> promise = std::move(*promise_);
        promise_.reset();
        return promise;
    }

    void fail(Failure failure) {
        Promise<Transport*> promise = take();
        giveUp();
        promise.errback(std::move(failure));
    }

    void giveUp() {
        const auto keep = shared_from_this();
        promise_.reset();
        deadline_.cancel();
        stagger_.cancel();
        if (lookup_)
            lookup_->cancel();
        auto attempts = std::move(attempts_);
        attempts_.clear();
        for (Deferred<void>& attempt : attempts)
            attempt.cancel();
    }

    Reactor& reactor_;
    std::string target_;
    std::uint16_t port_;
    std::shared_ptr<Factory> factory_;
    ConnectHostOptions options_;
    std::optional<Promise<Transport*>> promise_;
    std::optional<Deferred<void>> lookup_;
    std::vector<Deferred<void>> attempts_;
    std::vector<Address> addresses_;
    std::size_t next_ = 0;
    std::size_t running_ = 0;
    Timer stagger_;
    Timer deadline_;
};

} // namespace

Deferred<Transport*> connectHost(
    Reactor& reactor, std::string host, std::uint16_t port, std::shared_ptr<Factory> factory,
    const ConnectHostOptions& options
) {
    const auto connector =
        std::make_shared<HostConnector>(reactor, std::move(host), port, std::move(factory), options);
    return connector->start();
}

} // namespace twistdpp
