#pragma once
#include "twistdpp/mail_proof/dkim_verifier.h"
#include "twistdpp/mail_proof/dmarc.h"
#include "twistdpp/mail_proof/spf.h"

#include <string>
#include <vector>

namespace twistdpp::mail {

/// What is known of whether a mail comes from whom it says.
struct SenderProof {
    SpfResult spf;
    std::vector<DkimResult> dkim;
    DmarcResult dmarc;
};

/// Asks for all of it. Never fails but by cancelling.
Deferred<SenderProof> proveSender(
    Reactor& reactor, dns::Client client, SpfQuery query, DkimMessage message, std::int64_t unixSeconds
);

/// The field that tells readers of it (RFC 8601), folded, lines with LF, its last one too. `hostname`: of
/// this server, whose word it is.
std::string authenticationResults(const std::string& hostname, const SenderProof& proof);

} // namespace twistdpp::mail
