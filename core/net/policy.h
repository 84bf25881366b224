#pragma once
#include "twistdpp/base/time.h"
#include "twistdpp/net/prefix_counts.h"
#include "twistdpp/net/token_bucket.h"
#include "twistdpp/reactor/reactor.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace twistdpp {

/// What a ConnectionPolicy enforces. Zero stands for no limit.
struct PolicyLimits {
    PolicyLimits() = default;

    std::size_t maxConnections = 0; // in all; at the limit new ones stay in the system's backlog
    std::size_t maxPerAddress = 0;  // more from one address are closed at once
    std::size_t maxPerPrefix = 0;   // and from one network of this size:
    unsigned prefixBitsIpv4 = 24;
    unsigned prefixBitsIpv6 = 64; // what one subscriber is given, as a rule
    double acceptsPerSecond = 0;  // above it new ones stay in the system's backlog
    double acceptBurst = 0;       // 0: one second's worth

    Duration handshakeTimeout{}; // until the peer's first byte
    Duration idleTimeout{};      // without a byte in either direction
    Duration lifetime{};         // in all

    std::uint64_t readBytesPerSecond = 0;  // each connection; one second's worth may come at once
    std::uint64_t writeBytesPerSecond = 0; // each connection; what is above it is sent later
};

/// What a ConnectionPolicy has seen. Counted by the reactor's thread.
struct PolicyCounters {
    std::size_t open = 0;
    std::uint64_t accepted = 0;
    std::uint64_t refusedTotal = 0; // the limit was reached on a port that could not be paused
    std::uint64_t refusedByAddress = 0;
    std::uint64_t refusedByPrefix = 0;
    std::uint64_t refusedByRate = 0; // as refusedTotal
    std::uint64_t handshakeTimeouts = 0;
    std::uint64_t idleTimeouts = 0;
    std::uint64_t lifetimeTimeouts = 0;
    std::uint64_t acceptPauses = 0;
    std::uint64_t bytesRead = 0;
    std::uint64_t bytesWritten = 0;
};

/// Limits how connections are accepted and what they may use, whatever protocol they speak:
///
///     auto policy = std::make_shared<ConnectionPolicy>(reactor, limits);
///     auto port = policy->guard(*reactor.listen(std::move(spec), policy->apply(factory)));
///
/// It belongs around the factory that a port is given, below TLS: then it counts the bytes of the network,
/// and a handshake that never ends is caught too. One policy may serve several ports of one reactor, which
/// share its limits. It must not outlive the reactor; factories, connections and ports keep it alive.
class ConnectionPolicy : public std::enable_shared_from_this<ConnectionPolicy> {
public:
    ConnectionPolicy(Reactor& reactor, const PolicyLimits& limits);
    ~ConnectionPolicy();

    /// `inner` with the limits around each of its connections.
    std::shared_ptr<Factory> apply(std::shared_ptr<Factory> inner);
    /// Lets the policy pause the port while a limit of accepting is reached; without it such connections are
    /// accepted and closed.
    std::unique_ptr<Port> guard(std::unique_ptr<Port> port);

    const PolicyLimits& limits() const noexcept { return limits_; }
    const PolicyCounters& counters() const noexcept { return counters_; }

private:
    class PolicyFactory;
    class GuardedPort;
    friend class PolicedConnection;

    std::unique_ptr<Protocol> build(Factory& inner, const Address& peer);
    bool admit(const Address& peer);
    void release(const Address& peer);
    void steerAccepting();

    Reactor& reactor_;
    const PolicyLimits limits_;
    PolicyCounters counters_;
    PrefixCounts byAddress_;
    PrefixCounts byPrefix_;
    std::optional<TokenBucket> accepts_;
    Timer acceptAgain_;
    std::vector<GuardedPort*> ports_;
    bool paused_ = false;
};

} // namespace twistdpp
