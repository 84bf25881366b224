#pragma once
#include "twistdpp/defer/deferred.h"
#include "twistdpp/dns_resolver/client.h"
#include "twistdpp/mail_sts/sts_policies.h"
#include "twistdpp/reactor/address.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace twistdpp::mail {

/// A server that takes mail for a domain, by one of its addresses.
struct Hop {
    std::string host;
    Address address;
    bool strict = false; // with TLS alone, and a certificate of that name (RFC 8461 section 4)
};

/// Where mail for a domain goes (RFC 5321 section 5): its mail exchangers in the order of their preference,
/// those of equal preference in any order; its own address where it has none; nowhere when it says so (a null
/// MX, RFC 7505). Belongs to the reactor's thread.
class Routes {
public:
    /// `hostname`: this server's name. Exchangers that are not better than itself are left out, since mail
    /// would come back.
    /// `policies`: of domains that name their servers themselves; nullptr: nobody asks for them.
    Routes(
        dns::Client client, std::string hostname, std::uint16_t port,
        std::shared_ptr<StsPolicies> policies = nullptr
    )
        : client_(std::move(client)), hostname_(std::move(hostname)), port_(port),
          policies_(std::move(policies)) {}

    /// The servers to be tried, one at least. Fails with smtp::Refusal: 5xx when mail for that domain cannot
    /// go anywhere, 4xx when nobody could say.
    Deferred<std::vector<Hop>> find(std::string domain) const;
    /// The addresses of one server, whatever its exchangers are.
    Deferred<std::vector<Hop>> direct(std::string host, std::uint16_t port) const;

private:
    Deferred<std::vector<std::string>> exchangers(std::string domain) const;
    /// Leaves out those that the domain's policy does not name. Gives whether it has one that counts.
    Deferred<bool> obeyPolicy(std::string domain, std::shared_ptr<std::vector<std::string>> hosts) const;
    Deferred<std::vector<Hop>> addresses(std::vector<std::string> hosts, std::uint16_t port) const;

    dns::Client client_;
    std::string hostname_;
    std::uint16_t port_;
    std::shared_ptr<StsPolicies> policies_;
};

} // namespace twistdpp::mail
