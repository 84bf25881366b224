#pragma once
#include "twistdpp/mail_sts/sts_policy.h"

#include "twistdpp/app/logger.h"
#include "twistdpp/base/time.h"
#include "twistdpp/defer/deferred.h"
#include "twistdpp/dns_resolver/client.h"
#include "twistdpp/reactor/context_factory.h"
#include "twistdpp/reactor/reactor.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace twistdpp::mail {

struct StsOptions {
    StsOptions() = default;
    std::string folder;                          // where policies are kept
    std::shared_ptr<const ContextFactory> tls;   // that holds servers to their names
    std::uint16_t port = 443;                    // of the servers that have the policies
    Duration timeout = std::chrono::seconds(60); // RFC 8461 section 3.3
    Duration tryAgain = std::chrono::minutes(5); // behind a policy that could not be fetched
    std::function<std::int64_t()> clock;         // seconds of Unix
};

/// Which domains want their mail encrypted, and to which servers alone (RFC 8461). Belongs to the reactor's
/// thread. What is being looked up goes on without it.
class StsPolicies {
public:
    StsPolicies(Reactor& reactor, dns::Client client, StsOptions options, Logger log);
    ~StsPolicies();
    StsPolicies(const StsPolicies&) = delete;
    StsPolicies& operator=(const StsPolicies&) = delete;

    /// The policy of a domain; nullptr when it has none, or none can be had: a policy that was found before
    /// holds as long as it said, whatever is or is not answered now. Never fails but by cancelling.
    Deferred<std::shared_ptr<const StsPolicy>> find(std::string domain);

private:
    class State;
    std::shared_ptr<State> state_;
};

} // namespace twistdpp::mail
