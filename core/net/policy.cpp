#include "twistdpp/net/policy.h"

#include "twistdpp/net/policed_connection.h"

#include <algorithm>
#include <utility>

namespace twistdpp {

class ConnectionPolicy::PolicyFactory final : public Factory {
public:
    PolicyFactory(std::shared_ptr<ConnectionPolicy> policy, std::shared_ptr<Factory> inner) noexcept
        : policy_(std::move(policy)), inner_(std::move(inner)) {}
    std::unique_ptr<Protocol> buildProtocol(const Address& peer) override {
        return policy_->build(*inner_, peer);
    }

private:
    std::shared_ptr<ConnectionPolicy> policy_;
    std::shared_ptr<Factory> inner_;
};

/// A port that stands still while the policy or its owner says so.
class ConnectionPolicy::GuardedPort final : public Port {
public:
    GuardedPort(std::shared_ptr<ConnectionPolicy> policy, std::unique_ptr<Port> port)
        : policy_(std::move(policy)), port_(std::move(port)) {
        policy_->ports_.push_back(this);
        if (policy_->paused_)
            port_->pauseAccepting();
    }
    ~GuardedPort() override { std::erase(policy_->ports_, this); }

    const Address& address() const noexcept override { return port_->address(); }
    void stopListening() override { port_->stopListening(); }
    void pauseAccepting() override {
        pausedByOwner_ = true;
        port_->pauseAccepting();
    }
    void resumeAccepting() override {
        pausedByOwner_ = false;
        if (!policy_->paused_)
            port_->resumeAccepting();
    }
    void steer() {
        if (policy_->paused_)
            port_->pauseAccepting();
        else if (!pausedByOwner_)
            port_->resumeAccepting();
    }

private:
    std::shared_ptr<ConnectionPolicy> policy_;
    std::unique_ptr<Port> port_;
    bool pausedByOwner_ = false;
};

ConnectionPolicy::ConnectionPolicy(Reactor& reactor, const PolicyLimits& limits)
    : reactor_(reactor), limits_(limits), byAddress_(32, 128),
      byPrefix_(limits.prefixBitsIpv4, limits.prefixBitsIpv6) {
    if (limits_.acceptsPerSecond > 0)
        accepts_.emplace(limits_.acceptsPerSecond, limits_.acceptBurst);
}

ConnectionPolicy::~ConnectionPolicy() = default;

std::shared_ptr<Factory> ConnectionPolicy::apply(std::shared_ptr<Factory> inner) {
    return std::make_shared<PolicyFactory>(shared_from_this(), std::move(inner));
}

std::unique_ptr<Port> ConnectionPolicy::guard(std::unique_ptr<Port> port) {
    return std::make_unique<GuardedPort>(shared_from_this(), std::move(port));
}

std::unique_ptr<Protocol> ConnectionPolicy::build(Factory& inner, const Address& peer) {
    if (!admit(peer))
        return nullptr;
    auto protocol = inner.buildProtocol(peer);
    if (!protocol) {
        steerAccepting(); // it counts as accepted
        return nullptr;
    }
    auto connection = std::make_unique<PolicedConnection>(shared_from_this(), peer, std::move(protocol));
    steerAccepting();
    return connection;
}

bool ConnectionPolicy::admit(const Address& peer) {
    if (limits_.maxConnections > 0 && counters_.open >= limits_.maxConnections) {
        ++counters_.refusedTotal;
        return false;
    }
    if (limits_.maxPerAddress > 0 && byAddress_.count(peer) >= limits_.maxPerAddress) {
        ++counters_.refusedByAddress;
        return false;
    }
    if (limits_.maxPerPrefix > 0 && byPrefix_.count(peer) >= limits_.maxPerPrefix) {
        ++counters_.refusedByPrefix;
        return false;
    }
    if (accepts_) {
        const TimePoint now = reactor_.now();
        if (accepts_->available(now) == 0) {
            ++counters_.refusedByRate;
            return false;
        }
        accepts_->take(1, now);
    }
    return true;
}

void ConnectionPolicy::release(const Address& peer) {
    --counters_.open;
    if (limits_.maxPerAddress > 0)
        byAddress_.remove(peer);
    if (limits_.maxPerPrefix > 0)
        byPrefix_.remove(peer);
    steerAccepting();
}

void ConnectionPolicy::steerAccepting() {
    bool pause = limits_.maxConnections > 0 && counters_.open >= limits_.maxConnections;
    if (accepts_) {
        const Duration wait = accepts_->untilAvailable(1, reactor_.now());
        if (wait > Duration::zero()) {
            pause = true;
            // Timers tick in milliseconds and may round down.
            acceptAgain_ = reactor_.callLater(std::max<Duration>(wait, std::chrono::milliseconds(1)), [this] {
                steerAccepting();
            });
        }
    }
    if (pause == paused_)
        return;
    paused_ = pause;
    if (pause)
        ++counters_.acceptPauses;
    for (GuardedPort* const port : ports_)
        port->steer();
}

} // namespace twistdpp
