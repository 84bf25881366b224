#pragma once
#include "twistdpp/dns_resolver/exchange.h"
#include "twistdpp/dns_wire/name.h"

#include <optional>

namespace twistdpp::dns {

/// Finds out whether a server that had not answered for a while is back: asks it what another one is asked at
/// this moment, so that nobody waits for it. What comes of it is known to the UpstreamServer alone. Kept
/// until the next probe of the same server.
class Probe final : public ExchangeUser {
public:
    Probe(
        Reactor& reactor, UdpSockets& sockets, UpstreamServer& server, const Asked& asked,
        const ExchangeOptions& options
    )
        : name_(asked.name), exchange_(reactor, sockets, server, named(asked), options, *this) {}

    void start(Duration patience) { exchange_.start(patience); }
    const UpstreamServer& server() const noexcept { return exchange_.server(); }

private:
    Asked named(Asked asked) const noexcept {
        asked.name = name_.wire();
        return asked;
    }
    void exchangeAnswered(Exchange&, Bytes) override {}
    void exchangeLate(Exchange& exchange) override { exchange.stop(); }
    void exchangeFailed(Exchange& exchange, const Failure&) override { exchange.stop(); }

    Name name_;
    Exchange exchange_;
};

} // namespace twistdpp::dns
