#include "twistdpp/mail_relay/routes.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/reactor/errors.h"
#include "twistdpp/smtp/mail_handler.h"

#include <algorithm>
#include <random>

namespace twistdpp::mail {

namespace {

using smtp::Refusal;
using smtp::Reply;

constexpr std::size_t kMostHosts = 10;    // that are tried of a domain
constexpr std::size_t kMostAddresses = 4; // of each

std::string withoutDot(std::string name) {
    if (name.size() > 1 && name.back() == '.')
        name.pop_back();
    return ascii::toLower(name);
}

bool isLiteral(Bytes domain) {
    return !domain.empty() && domain.front() == '[';
}

/// "[192.0.2.1]" and "[IPv6:2001:db8::1]".
Result<Address> literal(Bytes domain, std::uint16_t port) {
    domain = domain.substr(1, domain.size() - 2);
    if (ascii::equalsIgnoreCase(domain.substr(0, 5), "IPv6:"))
        domain.remove_prefix(5);
    return Address::parse(domain, port);
}

} // namespace

Deferred<std::vector<std::string>> Routes::exchangers(std::string domain) const {
    auto asking = client_.lookupMailExchange(domain + ".");
    const Outcome<dns::Records> found = co_await std::move(asking).outcome();
    if (!found.ok()) {
        if (found.failure().check<CancelledError>())
            co_return found.failure();
        if (found.failure().check<dns::DNSNameError>())
            throw Refusal(Reply(550, "5.1.2", "there is no domain " + domain));
        if (!found.failure().check<dns::DomainError>() || found.failure().check<dns::DNSServerError>() ||
            found.failure().check<dns::DNSQueryRefusedError>())
            throw Refusal(Reply(451, "4.4.3", "the mail exchangers of " + domain + " cannot be looked up"));
    }
    std::vector<dns::MailExchange> all;
    for (const dns::Record& record : found.ok() ? found.value().answers : std::vector<dns::Record>()) {
        if (auto exchange = dns::mailExchangeOf(record))
            all.push_back(*std::move(exchange));
    }
    if (all.empty())
        co_return std::vector<std::string>{domain};
    if (all.size() == 1 && withoutDot(all.front().host.toString()) == ".")
        throw Refusal(Reply(556, "5.1.10", domain + " takes no mail"));
    std::mt19937 random{std::random_device{}()};
    std::shuffle(all.begin(), all.end(), random);
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
        return a.preference < b.preference;
    });
    std::vector<std::string> out;
    unsigned ours = 0x10000;
    for (const dns::MailExchange& each : all) {
        if (withoutDot(each.host.toString()) == ascii::toLower(hostname_))
            ours = std::min<unsigned>(ours, each.preference);
    }
    for (const dns::MailExchange& each : all) {
        if (each.preference < ours && out.size() < kMostHosts)
            out.push_back(withoutDot(each.host.toString()));
    }
    if (out.empty())
        throw Refusal(Reply(554, "5.4.6", "mail for " + domain + " would come back to this server"));
    co_return std::move(out);
}

Deferred<std::vector<Hop>> Routes::addresses(std::vector<std::string> hosts, std::uint16_t port) const {
    std::vector<Hop> out;
    bool unknown = false;
    for (const std::string& host : hosts) {
        auto resolving = client_.resolve(host + (host == "localhost" ? "" : "."));
        const Outcome<std::vector<Address>> found = co_await std::move(resolving).outcome();
        if (!found.ok()) {
            if (found.failure().check<CancelledError>())
                co_return found.failure();
            // Whether it has none, or nobody can say.
            auto asking = client_.lookupAddress(host + ".");
            const Outcome<dns::Records> again = co_await std::move(asking).outcome();
            unknown = unknown || (!again.ok() && !again.failure().check<dns::DNSNameError>());
            continue;
        }
        std::size_t count = 0;
        for (const Address& each : found.value()) {
            if (count++ < kMostAddresses)
                out.push_back({host, each.withPort(port)});
        }
    }
    if (out.empty())
        throw Refusal(
            unknown ? Reply(451, "4.4.3", "the address of " + hosts.front() + " cannot be looked up")
                    : Reply(550, "5.4.4", hosts.front() + " has no address")
        );
    co_return std::move(out);
}

Deferred<bool> Routes::obeyPolicy(std::string domain, std::shared_ptr<std::vector<std::string>> hosts) const {
    if (!policies_)
        co_return false;
    auto finding = policies_->find(domain);
    const std::shared_ptr<const StsPolicy> policy = co_await std::move(finding);
    if (!policy || policy->mode != StsPolicy::Mode::enforce)
        co_return false;
    const std::string first = hosts->front();
    std::erase_if(*hosts, [&](const std::string& host) { return !policy->allows(host); });
    if (hosts->empty())
        throw Refusal(Reply(
            451, "4.7.5", first + " is none of the servers that the MTA-STS policy of " + domain + " names"
        ));
    co_return true;
}

Deferred<std::vector<Hop>> Routes::find(std::string domain) const {
    if (isLiteral(domain)) {
        const auto address = literal(domain, port_);
        if (!address)
            throw Refusal(Reply(550, "5.1.2", domain + " is no address"));
        co_return std::vector<Hop>{{domain, *address}};
    }
    auto asking = exchangers(domain);
    const auto hosts = std::make_shared<std::vector<std::string>>();
    *hosts = co_await std::move(asking);
    auto obeying = obeyPolicy(domain, hosts);
    const bool strict = co_await std::move(obeying);
    auto finding = addresses(*hosts, port_);
    auto out = co_await std::move(finding);
    for (Hop& hop : out)
        hop.strict = strict;
    co_return std::move(out);
}

Deferred<std::vector<Hop>> Routes::direct(std::string host, std::uint16_t port) const {
    if (const auto address = Address::parse(host, port))
        return std::vector<Hop>{{host, *address}};
    std::vector<std::string> hosts{std::move(host)};
    return addresses(std::move(hosts), port);
}

} // namespace twistdpp::mail
