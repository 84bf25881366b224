#include "twistdpp/mail_sts/sts_policies.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/defer/promise.h"
#include "twistdpp/defer/waiters.h"
#include "twistdpp/http/agent.h"
#include "twistdpp/mail_proof/lookups.h"
#include "twistdpp/mail_sts/policy_file.h"

#include <algorithm>
#include <map>
#include <optional>
#include <stdexcept>
#include <utility>

namespace twistdpp::mail {

namespace {

constexpr std::size_t kMostKept = 10'000; // domains, in memory

using PolicyPtr = std::shared_ptr<const StsPolicy>;

/// Whether it can be the name of a file and of a host as it is.
bool isDomain(Bytes name) {
    return !name.empty() && name.size() <= 253 && name.front() != '.' &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return ascii::isAlpha(c) || ascii::isDigit(c) || c == '-' || c == '.' || c == '_';
           });
}

http::AgentOptions agentOptions(const dns::Client& client, const StsOptions& options) {
    http::AgentOptions out(options.tls);
    out.redirects = 0; // section 3.3: none is followed
    out.wholeTime = options.timeout;
    out.resolve = [client](const std::string& host, Family family) { return client.resolve(host, family); };
    return out;
}

} // namespace

class StsPolicies::State : public std::enable_shared_from_this<State> {
public:
    State(Reactor& reactor, dns::Client client, StsOptions options, Logger log)
        : reactor_(reactor), client_(std::move(client)), options_(std::move(options)), log_(std::move(log)),
          agent_(reactor, agentOptions(client_, options_)) {}

    Deferred<PolicyPtr> find(std::string domain) {
        const auto [its, fresh] = busy_.try_emplace(domain);
        auto out = its->second.wait();
        if (fresh)
            look(domain)
                .addBoth([self = shared_from_this(), domain](Outcome<PolicyPtr> found) {
                    self->tell(domain, found.ok() ? found.value() : nullptr);
                })
                .detach();
        return out;
    }

private:
    /// What is known of a domain.
    struct Known {
        std::string id;
        std::int64_t until = 0; // seconds of Unix
        PolicyPtr policy;
        std::optional<TimePoint> failed; // when it could last not be fetched
    };

    void tell(const std::string& domain, const PolicyPtr& policy) {
        auto waiting = busy_.extract(domain);
        while (!waiting.mapped().empty())
            waiting.mapped().next().callback(policy);
    }

    Deferred<PolicyPtr> look(std::string domain) {
        const auto self = shared_from_this();
        if (!known_.contains(domain)) {
            auto loading = load(domain);
            co_await std::move(loading);
        }
        auto asking = lookUpTexts(client_, "_mta-sts." + domain);
        const Texts texts = co_await std::move(asking);
        const auto id = texts.found == Found::some ? stsId(texts.records) : std::nullopt;
        Known& before = known_[domain];
        const bool holds = before.policy && before.until > options_.clock();
        const PolicyPtr kept = holds ? before.policy : nullptr;
        const bool tooSoon = before.failed && reactor_.now() - *before.failed < options_.tryAgain;
        if (!id || (holds && before.id == *id) || tooSoon)
            co_return kept;
        auto fetching = fetch(domain);
        const Outcome<std::string> text = co_await std::move(fetching).outcome();
        auto policy = text.ok() ? StsPolicy::parse(text.value()) : Error(text.failure().message());
        Known& known = known_[domain];
        if (!policy) {
            known.failed = reactor_.now();
            log_.warn("{}: its MTA-STS policy cannot be used: {}", domain, policy.error().message());
            co_return kept;
        }
        const FoundPolicy found{*id, options_.clock(), text.value()};
        take(domain, found, *policy);
        auto saving = save(domain, found);
        co_await std::move(saving);
        co_return known_[domain].policy;
    }

    void take(const std::string& domain, const FoundPolicy& found, const StsPolicy& policy) {
        if (known_.size() >= kMostKept)
            known_.clear();
        Known known;
        known.id = found.id;
        known.until = found.time + policy.maxAge;
        known.policy = std::make_shared<const StsPolicy>(policy);
        known_[domain] = std::move(known);
    }

    Deferred<void> load(std::string domain) {
        const auto self = shared_from_this();
        const auto found = std::make_shared<std::optional<FoundPolicy>>();
        auto reading = reactor_.runInThread(Pool::io, [found, domain, folder = options_.folder] {
            *found = PolicyFiles(folder).read(domain);
        });
        co_await std::move(reading);
        if (!*found)
            co_return;
        const auto policy = StsPolicy::parse((*found)->text);
        if (policy)
            take(domain, **found, *policy);
    }

    Deferred<void> save(std::string domain, FoundPolicy found) {
        const auto trouble = std::make_shared<std::string>();
        auto writing = reactor_.runInThread(Pool::io, [trouble, domain, found, folder = options_.folder] {
            if (const auto done = PolicyFiles(folder).write(domain, found); !done)
                *trouble = done.error().message();
        });
        co_await std::move(writing);
        if (!trouble->empty())
            log_.error("{}", *trouble);
    }

    Deferred<std::string> fetch(std::string domain) {
        const auto self = shared_from_this();
        std::string url = "https://mta-sts." + domain;
        if (options_.port != 443)
            url += ":" + std::to_string(options_.port);
        url += "/.well-known/mta-sts.txt";
        auto asking = agent_.request("GET", url);
        const http::ResponsePtr response = co_await std::move(asking);
        if (response->status() != 200)
            throw std::runtime_error(url + " gives " + std::to_string(response->status()));
        // Section 3.2: where users may put other files, nobody takes one of theirs for it.
        Bytes type = response->headers().get("Content-Type").value_or(Bytes());
        if (!ascii::equalsIgnoreCase(ascii::trim(ascii::cut(type, ';')), "text/plain"))
            throw std::runtime_error(url + " is no text/plain");
        auto reading = response->body(kLongestPolicy);
        std::string text = co_await std::move(reading);
        co_return text;
    }

    Reactor& reactor_;
    dns::Client client_;
    StsOptions options_;
    Logger log_;
    http::Agent agent_;
    std::map<std::string, Known> known_;
    std::map<std::string, Waiters<PolicyPtr>> busy_;
};

StsPolicies::StsPolicies(Reactor& reactor, dns::Client client, StsOptions options, Logger log)
    : state_(std::make_shared<State>(reactor, std::move(client), std::move(options), std::move(log))) {}

StsPolicies::~StsPolicies() = default;

Deferred<PolicyPtr> StsPolicies::find(std::string domain) {
    domain = ascii::toLower(domain);
    if (!isDomain(domain))
        return PolicyPtr();
    return state_->find(std::move(domain));
}

} // namespace twistdpp::mail
