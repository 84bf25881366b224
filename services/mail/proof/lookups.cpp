#include "twistdpp/mail_proof/lookups.h"

#include "twistdpp/dns_resolver/record_values.h"

namespace twistdpp::mail {

Deferred<Texts> lookUpTexts(dns::Client client, std::string name) {
    auto asking = client.lookupText(name + ".");
    const Outcome<dns::Records> found = co_await std::move(asking).outcome();
    Texts out;
    if (!found.ok()) {
        if (found.failure().check<CancelledError>())
            co_return found.failure();
        // A name that cannot be one is not there, either.
        const bool none =
            found.failure().check<dns::DNSNameError>() || found.failure().check<std::invalid_argument>();
        out.found = none ? Found::none : Found::unknown;
        co_return std::move(out);
    }
    for (const dns::Record& record : found.value().answers) {
        const auto strings = dns::textOf(record);
        if (!strings)
            continue;
        std::string& text = out.records.emplace_back();
        for (const std::string& each : *strings)
            text += each;
    }
    out.found = out.records.empty() ? Found::none : Found::some;
    co_return std::move(out);
}

} // namespace twistdpp::mail
