#pragma once
#include "twistdpp/defer/deferred.h"
#include "twistdpp/dns_resolver/client.h"
#include "twistdpp/reactor/address.h"

#include <string>

namespace twistdpp::mail {

/// Who sends, as the server that takes it sees it.
struct SpfQuery {
    Address client;
    std::string helo;   // what the client calls itself
    std::string sender; // of MAIL; empty for the null sender, in whose place postmaster of `helo` is
};

/// Whether the domain of the sender lets this client send for it, in the words of RFC 7208 section 2.6.
struct SpfResult {
    enum class Status { none, neutral, pass, fail, softFail, temporary, permanent };
    Status status = Status::none;
    std::string domain; // whose policy it is
    bool ofHelo = false;
    std::string reason; // what decided: the term, or what is wrong
};

/// Asks the domain (RFC 7208), with at most ten look-ups of which two find nothing. Never fails but by
/// cancelling.
Deferred<SpfResult> checkSpf(dns::Client client, SpfQuery query);

} // namespace twistdpp::mail
