#pragma once
#include "twistdpp/defer/deferred.h"
#include "twistdpp/dns_resolver/client.h"
#include "twistdpp/mail_proof/dkim_verifier.h"
#include "twistdpp/mail_proof/spf.h"

#include <optional>
#include <string>
#include <vector>

namespace twistdpp::mail {

/// What the domain in From asks for, for mail that is not proved to be its own (RFC 7489 section 6.3).
struct DmarcPolicy {
    enum class Wish { none, quarantine, reject };
    Wish wish = Wish::none;
    std::optional<Wish> ofSubdomains;
    bool strictDkim = false, strictSpf = false;
    unsigned percent = 100;

    static Result<DmarcPolicy> parse(Bytes text);
};

/// Whether the mail is that of the domain in From.
struct DmarcResult {
    enum class Status { none, pass, fail, temporary, permanent };
    Status status = Status::none;
    DmarcPolicy::Wish wish = DmarcPolicy::Wish::none; // what should be done when it is not
    std::string domain;                               // of From
};

/// The domain that somebody has registered, to which `domain` belongs, by the list of public suffixes:
/// "example.co.uk" of "mail.example.co.uk".
std::string organizationalDomain(const std::string& domain);

/// Asks the domain in From, which is empty when there is no one such. `chance` is a number below 100, at
/// random, for policies that are for some of the mail. Never fails but by cancelling.
Deferred<DmarcResult> checkDmarc(
    dns::Client client, std::string fromDomain, std::vector<DkimResult> dkim, SpfResult spf, unsigned chance
);

} // namespace twistdpp::mail
