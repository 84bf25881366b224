#pragma once
#include "twistdpp/base/time.h"
#include "twistdpp/reactor/context_factory.h"
#include "twistdpp/sasl/sasl_client.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace twistdpp::mail {

/// How mail is sent on.
struct RelayOptions {
    RelayOptions() = default;
    std::string hostname;                            // this server's, for EHLO and in reports
    std::string via;                                 // a server that gets all of it; empty: each domain's own
    std::uint16_t viaPort = 25;                      // its port
    std::shared_ptr<const ContextFactory> tls;       // for servers that offer STARTTLS; nullptr: never
    std::shared_ptr<const ContextFactory> strictTls; // for those that have to prove who they are
    std::optional<SaslIdentity> account;             // for `via`: whom to log in as; nothing: nobody
    Duration retry = std::chrono::minutes(5);        // until the second try; twice as long behind each
    Duration retryMost = std::chrono::hours(4);      // and never longer than that
    Duration expire = std::chrono::hours(120);       // behind which mail goes back
    Duration expireReports = std::chrono::hours(24); // the same for reports, which go nowhere then
    Duration warnAfter = std::chrono::hours(4);      // its sender is told then; 0: never
    unsigned perDestination = 20;                    // connections at a time
    Duration keepOpen = std::chrono::seconds(2);     // a connection for the next mail
    Duration timeout = std::chrono::minutes(5);      // for an answer
    Duration connectTimeout = std::chrono::seconds(30); // for a connection
};

} // namespace twistdpp::mail
