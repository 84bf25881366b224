#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/dns_resolver/forwarder.h"
#include "twistdpp/dns_server/elsewhere.h"
#include "twistdpp/net/prefix.h"
#include "twistdpp/service_dns/dns_config.h"

#include <memory>
#include <vector>

namespace twistdpp::dns {

/// What --recursive does on one reactor: questions of clients that may ask go to the upstreams, and their
/// answers are kept when --cache says so.
class Recursion {
public:
    /// `listening` are the ports that this server itself has: they are never asked. The error names the
    /// option.
    static Result<std::unique_ptr<Recursion>>
    make(const DnsConfig& config, Reactor& reactor, std::vector<Address> listening);

    bool allows(const Address& client) const noexcept;
    /// Answers responder.query(), now or later.
    void forward(Responder& responder, const Address& from, Carrier carrier, Elsewhere::Reply reply);
    const ForwarderStatistics& statistics() const noexcept { return forwarder_->statistics(); }

private:
    Recursion(std::unique_ptr<Forwarder> forwarder, std::vector<Prefix> allowed)
        : forwarder_(std::move(forwarder)), allowed_(std::move(allowed)),
          answer_(std::make_unique<char[]>(kLargest)) {}

    static constexpr std::size_t kLargest = 65'535;
    std::unique_ptr<Forwarder> forwarder_;
    std::vector<Prefix> allowed_; // empty: loopback and local networks
    std::unique_ptr<char[]> answer_;
};

} // namespace twistdpp::dns
