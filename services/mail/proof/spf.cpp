#include "twistdpp/mail_proof/spf.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/mail_proof/lookups.h"
#include "twistdpp/mail_proof/spf_record.h"

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace twistdpp::mail {

namespace {

using Status = SpfResult::Status;

constexpr unsigned kMostLookUps = 10; // section 4.6.4
constexpr unsigned kMostVoid = 2;
constexpr std::size_t kMostNames = 10; // of one mx or ptr

/// What ends a check at once.
class Stop : public std::runtime_error {
public:
    Stop(Status what, const std::string& reason) : std::runtime_error(reason), status_(what) {}
    Status status() const noexcept { return status_; }

private:
    Status status_;
};

/// What the policies of one check share, however they include each other.
struct Check {
    Check(dns::Client asked, SpfMacros from) : client(std::move(asked)), macros(std::move(from)) {}

    void count() {
        if (++lookUps > kMostLookUps)
            throw Stop(Status::permanent, "the policy asks for more than ten look-ups");
    }
    void foundNothing() {
        if (++voids > kMostVoid)
            throw Stop(Status::permanent, "the policy asks for more than two names that are not there");
    }

    dns::Client client;
    SpfMacros macros; // whose domain is that of the present policy
    unsigned lookUps = 0, voids = 0;
};
using CheckRef = std::shared_ptr<Check>;

std::string expand(const Check& check, const SpfTerm& term, const std::string& domain) {
    SpfMacros macros = check.macros;
    macros.domain = domain;
    auto out = expandMacros(term.domain, macros);
    if (!out)
        throw Stop(Status::permanent, term.text + ": " + out.error().message());
    return term.domain.empty() ? domain : *out;
}

/// The records of a name; nothing when it is not there.
Deferred<std::vector<dns::Record>> ask(CheckRef check, std::string name, dns::Type type) {
    auto asking = check->client.lookup(name + ".", type);
    Outcome<dns::Records> found = co_await std::move(asking).outcome();
    if (found.ok()) {
        auto records = std::move(found).value().answers;
        co_return std::move(records);
    }
    if (found.failure().check<CancelledError>())
        co_return found.failure();
    if (!found.failure().check<dns::DNSNameError>() && !found.failure().check<std::invalid_argument>())
        throw Stop(Status::temporary, name + " cannot be looked up");
    co_return std::vector<dns::Record>();
}

/// Whether one of the addresses of a name is in the network of the client that the term says.
Deferred<bool> hasClient(CheckRef check, std::string name, SpfTerm term, bool counted) {
    const bool six = check->macros.client.kind() == Address::Kind::ipv6;
    auto asking = ask(check, name, six ? dns::Type::AAAA : dns::Type::A);
    const auto records = co_await std::move(asking);
    bool any = false;
    for (const dns::Record& record : records) {
        const auto address = dns::addressOf(record);
        any = any || address.has_value();
        if (address && check->macros.client.inPrefix(*address, six ? term.width6 : term.width4))
            co_return true;
    }
    if (!any && counted)
        check->foundNothing();
    co_return false;
}

Deferred<bool> matchesMx(CheckRef check, std::string name, SpfTerm term) {
    auto asking = ask(check, name, dns::Type::MX);
    const auto records = co_await std::move(asking);
    std::vector<std::string> hosts;
    for (const dns::Record& record : records) {
        if (const auto exchange = dns::mailExchangeOf(record))
            hosts.push_back(exchange->host.toString());
    }
    if (hosts.empty())
        check->foundNothing();
    if (hosts.size() > kMostNames)
        throw Stop(Status::permanent, term.text + ": there are more than ten mail exchangers");
    for (std::string& host : hosts) {
        if (host.ends_with('.'))
            host.pop_back();
        auto looking = hasClient(check, host, term, false);
        if (co_await std::move(looking))
            co_return true;
    }
    co_return false;
}

/// Whether a name of the client's address, which has the address itself, is within the domain.
Deferred<bool> matchesPtr(CheckRef check, std::string domain, SpfTerm term) {
    std::string reverse = dns::reverseName(check->macros.client).toString();
    if (reverse.ends_with('.'))
        reverse.pop_back();
    auto asking = ask(check, reverse, dns::Type::PTR);
    // A failure is no match here (section 5.5).
    const Outcome<std::vector<dns::Record>> records = co_await std::move(asking).outcome();
    if (!records.ok() && records.failure().check<CancelledError>())
        co_return records.failure();
    std::size_t count = 0;
    for (const dns::Record& record : records.ok() ? records.value() : std::vector<dns::Record>()) {
        const auto target = dns::targetOf(record);
        if (!target || ++count > kMostNames)
            continue;
        std::string name = ascii::toLower(target->toString());
        if (name.ends_with('.'))
            name.pop_back();
        const std::string parent = ascii::toLower(domain);
        if (name != parent && !name.ends_with("." + parent))
            continue;
        SpfTerm exact = term;
        exact.width4 = 32;
        exact.width6 = 128;
        auto looking = hasClient(check, name, exact, false);
        const Outcome<bool> there = co_await std::move(looking).outcome();
        if (!there.ok() && there.failure().check<CancelledError>())
            co_return there.failure();
        if (there.ok() && there.value())
            co_return true;
    }
    co_return false;
}

Deferred<SpfResult> evaluate(CheckRef check, std::string domain);

Deferred<bool> matchesInclude(CheckRef check, std::string name, SpfTerm term) {
    auto asking = evaluate(check, name);
    const SpfResult result = co_await std::move(asking);
    if (result.status == Status::none)
        throw Stop(Status::permanent, term.text + ": there is no policy");
    co_return result.status == Status::pass;
}

Deferred<bool> matches(CheckRef check, std::string domain, SpfTerm term) {
    using Kind = SpfTerm::Kind;
    const Address& client = check->macros.client;
    if (term.kind == Kind::all)
        co_return true;
    if (term.kind == Kind::ip4 || term.kind == Kind::ip6)
        co_return client.inPrefix(term.network, term.kind == Kind::ip4 ? term.width4 : term.width6);
    check->count();
    const std::string name = expand(*check, term, domain);
    if (term.kind == Kind::exists) {
        auto asking = ask(check, name, dns::Type::A);
        const auto records = co_await std::move(asking);
        const bool any = std::any_of(records.begin(), records.end(), [](const dns::Record& each) {
            return dns::addressOf(each).has_value();
        });
        if (!any)
            check->foundNothing();
        co_return any;
    }
    auto looking = term.kind == Kind::include ? matchesInclude(check, name, term)
                   : term.kind == Kind::a     ? hasClient(check, name, term, true)
                   : term.kind == Kind::mx    ? matchesMx(check, name, term)
                                              : matchesPtr(check, name, term);
    const bool out = co_await std::move(looking);
    co_return out;
}

Status statusOf(char qualifier) {
    switch (qualifier) {
    case '-':
        return Status::fail;
    case '~':
        return Status::softFail;
    case '?':
        return Status::neutral;
    default:
        return Status::pass;
    }
}

/// The policy of a domain, and those that it leads to. Throws Stop.
Deferred<SpfResult> evaluate(CheckRef check, std::string domain) {
    auto asking = lookUpTexts(check->client, domain);
    const Texts texts = co_await std::move(asking);
    if (texts.found == Found::unknown)
        throw Stop(Status::temporary, "the policy of " + domain + " cannot be looked up");
    std::vector<std::string> policies;
    for (const std::string& text : texts.records) {
        if (SpfRecord::isOne(text))
            policies.push_back(text);
    }
    SpfResult out;
    out.domain = domain;
    if (policies.empty())
        co_return std::move(out);
    if (policies.size() > 1)
        throw Stop(Status::permanent, domain + " has several policies");
    const auto record = SpfRecord::parse(policies.front());
    if (!record)
        throw Stop(Status::permanent, domain + ": " + record.error().message());
    for (const SpfTerm& term : record->terms) {
        auto matching = matches(check, domain, term);
        if (!co_await std::move(matching))
            continue;
        out.status = statusOf(term.qualifier);
        out.reason = term.text;
        co_return std::move(out);
    }
    out.status = Status::neutral;
    if (record->redirect.empty())
        co_return std::move(out);
    check->count();
    SpfTerm redirect;
    redirect.domain = record->redirect;
    redirect.text = "redirect=" + record->redirect;
    auto following = evaluate(check, expand(*check, redirect, domain));
    SpfResult end = co_await std::move(following);
    if (end.status == Status::none)
        throw Stop(Status::permanent, redirect.text + ": there is no policy");
    co_return std::move(end);
}

bool canHavePolicy(const std::string& domain) {
    return !domain.empty() && domain.size() <= 253 && domain.find('.') != std::string::npos &&
           domain.front() != '[' && domain.find("..") == std::string::npos;
}

} // namespace

Deferred<SpfResult> checkSpf(dns::Client client, SpfQuery query) {
    SpfResult out;
    out.ofHelo = query.sender.empty();
    const std::string sender = out.ofHelo ? "postmaster@" + query.helo : query.sender;
    out.domain = ascii::toLower(Bytes(sender).substr(sender.rfind('@') + 1));
    if (!canHavePolicy(out.domain) || !query.client.isIp())
        co_return std::move(out);
    const auto check =
        std::make_shared<Check>(std::move(client), SpfMacros{sender, out.domain, query.helo, query.client});
    auto evaluating = evaluate(check, out.domain);
    const Outcome<SpfResult> result = co_await std::move(evaluating).outcome();
    if (result.ok()) {
        out.status = result.value().status;
        out.reason = result.value().reason;
        co_return std::move(out);
    }
    const auto* const stop = result.failure().as<Stop>();
    if (!stop)
        co_return result.failure();
    out.status = stop->status();
    out.reason = stop->what();
    co_return std::move(out);
}

} // namespace twistdpp::mail
