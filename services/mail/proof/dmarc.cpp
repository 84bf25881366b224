#include "twistdpp/mail_proof/dmarc.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"
#include "twistdpp/mail_proof/lookups.h"
#include "twistdpp/mail_proof/tag_list.h"

#include <algorithm>
#include <libpsl.h>

namespace twistdpp::mail {

namespace {

using Status = DmarcResult::Status;
using Wish = DmarcPolicy::Wish;

std::optional<Wish> wishOf(Bytes text) {
    if (ascii::equalsIgnoreCase(text, "none"))
        return Wish::none;
    if (ascii::equalsIgnoreCase(text, "quarantine"))
        return Wish::quarantine;
    if (ascii::equalsIgnoreCase(text, "reject"))
        return Wish::reject;
    return std::nullopt;
}

bool isPolicy(Bytes text) {
    Bytes rest = text;
    const Bytes first = ascii::cut(rest, ';');
    Bytes value = first;
    const Bytes name = ascii::trim(ascii::cut(value, '='));
    return name == "v" && ascii::trim(value) == "DMARC1";
}

bool aligned(const std::string& a, const std::string& b, bool strict) {
    return !a.empty() && (a == b || (!strict && organizationalDomain(a) == organizationalDomain(b)));
}

/// Of _dmarc.DOMAIN. What cannot be read, or is there several times, is not there (section 6.6.3).
struct FoundPolicy {
    Found found = Found::none;
    std::string text;
};
Deferred<FoundPolicy> policyOf(dns::Client client, std::string domain) {
    auto asking = lookUpTexts(client, "_dmarc." + domain);
    const Texts texts = co_await std::move(asking);
    FoundPolicy out;
    out.found = texts.found == Found::unknown ? Found::unknown : Found::none;
    const auto count = std::count_if(texts.records.begin(), texts.records.end(), isPolicy);
    if (count == 1) {
        out.found = Found::some;
        out.text = *std::find_if(texts.records.begin(), texts.records.end(), isPolicy);
    }
    co_return std::move(out);
}

} // namespace

Result<DmarcPolicy> DmarcPolicy::parse(Bytes text) {
    const auto tags = parseTags(text);
    if (!tags || tagOf(*tags, "v") != "DMARC1")
        return Error("it is no DMARC policy");
    DmarcPolicy out;
    const Bytes wish = tagOf(*tags, "p");
    // One that only wants reports is a policy of none (section 6.6.3).
    if (wish.empty() && tagOf(*tags, "rua").empty())
        return Error("it does not say what is to be done");
    const auto asked = wish.empty() ? std::optional(Wish::none) : wishOf(wish);
    if (!asked && tagOf(*tags, "rua").empty())
        return Error("what is to be done is not known");
    out.wish = asked.value_or(Wish::none);
    if (const Bytes sub = tagOf(*tags, "sp"); !sub.empty())
        out.ofSubdomains = wishOf(sub);
    out.strictDkim = ascii::equalsIgnoreCase(tagOf(*tags, "adkim"), "s");
    out.strictSpf = ascii::equalsIgnoreCase(tagOf(*tags, "aspf"), "s");
    out.percent = std::min(parseUnsigned<unsigned>(tagOf(*tags, "pct")).value_or(100), 100U);
    return out;
}

std::string organizationalDomain(const std::string& domain) {
    const psl_ctx_t* const list = psl_builtin();
    const char* const found = list ? psl_registrable_domain(list, domain.c_str()) : nullptr;
    return found ? std::string(found) : domain;
}

Deferred<DmarcResult> checkDmarc(
    dns::Client client, std::string fromDomain, std::vector<DkimResult> dkim, SpfResult spf, unsigned chance
) {
    DmarcResult out;
    out.domain = fromDomain;
    if (fromDomain.empty()) {
        out.status = Status::permanent;
        co_return std::move(out);
    }
    auto asking = policyOf(client, fromDomain);
    FoundPolicy found = co_await std::move(asking);
    const std::string organization = organizationalDomain(fromDomain);
    const bool inherited = found.found == Found::none && organization != fromDomain;
    if (inherited) {
        auto again = policyOf(client, organization);
        FoundPolicy next = co_await std::move(again);
        found = std::move(next);
    }
    if (found.found != Found::some) {
        out.status = found.found == Found::unknown ? Status::temporary : Status::none;
        co_return std::move(out);
    }
    const auto policy = DmarcPolicy::parse(found.text);
    if (!policy) {
        out.status = Status::permanent;
        co_return std::move(out);
    }
    const bool bySignature = std::any_of(dkim.begin(), dkim.end(), [&](const DkimResult& each) {
        return each.status == DkimResult::Status::pass &&
               aligned(each.domain, fromDomain, policy->strictDkim);
    });
    const bool bySender =
        spf.status == SpfResult::Status::pass && aligned(spf.domain, fromDomain, policy->strictSpf);
    if (bySignature || bySender) {
        out.status = Status::pass;
        co_return std::move(out);
    }
    const bool unsure = spf.status == SpfResult::Status::temporary ||
                        std::any_of(dkim.begin(), dkim.end(), [](const DkimResult& each) {
                            return each.status == DkimResult::Status::temporary;
                        });
    out.status = unsure ? Status::temporary : Status::fail;
    out.wish = inherited ? policy->ofSubdomains.value_or(policy->wish) : policy->wish;
    // For the rest of the mail the next milder one holds (section 6.6.4).
    if (chance >= policy->percent)
        out.wish = out.wish == Wish::reject ? Wish::quarantine : Wish::none;
    co_return std::move(out);
}

} // namespace twistdpp::mail
