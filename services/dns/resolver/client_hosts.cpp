// Client: from host names to addresses and back.
#include "twistdpp/dns_resolver/client_state.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/defer/promise.h"
#include "twistdpp/reactor/errors.h"
#include "twistdpp/reactor/sleep.h"

#include <algorithm>

namespace twistdpp::dns {

namespace {

constexpr Duration kResolutionDelay = std::chrono::milliseconds(50); // RFC 8305 section 3

bool isLocalhost(std::string_view host) {
    if (host.ends_with('.'))
        host.remove_suffix(1);
    constexpr std::string_view kName = "localhost";
    if (host.size() < kName.size() ||
        !ascii::equalsIgnoreCase(host.substr(host.size() - kName.size()), kName))
        return false;
    return host.size() == kName.size() || host[host.size() - kName.size() - 1] == '.';
}

bool isOf(const Address& address, Family family) {
    return family == Family::any || (address.kind() == Address::Kind::ipv4) == (family == Family::ipv4);
}

std::vector<Address> onlyOf(const std::vector<Address>& all, Family family) {
    std::vector<Address> some;
    std::copy_if(all.begin(), all.end(), std::back_inserter(some), [&](const Address& one) {
        return isOf(one, family);
    });
    return some;
}

void addAddresses(const Records& records, std::vector<Address>& to) {
    for (const Record& record : records.answers) {
        if (auto address = addressOf(record);
            address && std::find(to.begin(), to.end(), *address) == to.end())
            to.push_back(*std::move(address));
    }
}

/// Both families at once; the one that is late is waited for a moment.
class BothFamilies : public std::enable_shared_from_this<BothFamilies> {
public:
    explicit BothFamilies(Reactor& reactor)
        : late_(reactor.timers(), [this] { end(); }), promise_([this] { cancelBoth(); }) {}

    Deferred<std::vector<Outcome<Records>>> start(Deferred<Records> six, Deferred<Records> four) {
        auto result = promise_.deferred();
        watch(0, std::move(six));
        watch(1, std::move(four));
        return result;
    }

private:
    void watch(std::size_t which, Deferred<Records> lookup) {
        lookups_[which].emplace(std::move(lookup).addBoth([self = shared_from_this(),
                                                           which](Outcome<Records> outcome) {
            self->came(which, std::move(outcome));
        }));
    }
    void came(std::size_t which, Outcome<Records> outcome) {
        const bool useful = outcome.ok() && !outcome.value().answers.empty();
        found_[which].emplace(std::move(outcome));
        if (found_[0] && found_[1])
            end();
        else if (useful)
            late_.start(kResolutionDelay);
    }
    void end() {
        const auto keep = shared_from_this();
        late_.stop();
        if (std::exchange(ended_, true))
            return;
        cancelBoth();
        std::vector<Outcome<Records>> found;
        for (auto& one : found_) {
            if (one)
                found.push_back(*std::move(one));
        }
        auto promise = std::move(promise_);
        promise.callback(std::move(found));
    }
    void cancelBoth() {
        const auto keep = shared_from_this();
        ended_ = true;
        late_.stop();
        for (auto& lookup : lookups_) {
            if (lookup)
                lookup->cancel();
        }
    }

    TimerNode late_;
    Promise<std::vector<Outcome<Records>>> promise_;
    std::optional<Deferred<void>> lookups_[2];
    std::optional<Outcome<Records>> found_[2];
    bool ended_ = false;
};

} // namespace

/// The addresses of one complete name, at least one.
Deferred<std::vector<Address>>
Client::State::addresses(std::shared_ptr<State> state, Name name, Family family) {
    std::vector<Address> found;
    if (family != Family::any) {
        const Type type = family == Family::ipv4 ? Type::A : Type::AAAA;
        addAddresses(co_await follow(state, name, type), found);
    } else {
        const auto both = std::make_shared<BothFamilies>(state->resolver->reactor());
        auto outcomes = co_await both->start(follow(state, name, Type::AAAA), follow(state, name, Type::A));
        for (auto& outcome : outcomes) {
            if (outcome.ok())
                addAddresses(outcome.value(), found);
        }
        if (found.empty()) {
            for (auto& outcome : outcomes) {
                if (!outcome.ok())
                    co_return std::move(outcome).failure();
            }
        }
    }
    if (found.empty())
        co_return DomainError(Rcode::noError, "it has no address");
    co_return found;
}

Deferred<std::vector<Address>>
Client::State::search(std::shared_ptr<State> state, std::string host, Family family) {
    std::vector<Name> names;
    auto complete = Name::parse(host);
    if (!complete)
        co_return DNSLookupError(host, complete.error().message());
    const auto dots = std::count(host.begin(), host.end(), '.');
    const bool asItIs = host.ends_with('.') || dots >= static_cast<std::ptrdiff_t>(state->options.ndots);
    if (asItIs)
        names.push_back(*complete);
    if (!host.ends_with('.')) {
        for (const Name& suffix : state->options.search) {
            if (auto longer = Name::parse(host, suffix))
                names.push_back(*std::move(longer));
        }
        if (!asItIs)
            names.push_back(*complete);
    }
    std::string why = "no such name";
    for (const Name& name : names) {
        auto found = co_await addresses(state, name, family).outcome();
        if (found.ok())
            co_return std::move(found).value();
        if (found.failure().check<CancelledError>())
            co_return std::move(found).failure();
        if (found.failure().check<DNSNameError>())
            continue;
        // That one of the names is there says more than that others are not.
        why = found.failure().message();
        // Where nobody answers, other names would not be answered either.
        if (found.failure().check<NoAnswerError>())
            break;
    }
    co_return DNSLookupError(host, why);
}

Deferred<std::vector<Address>> Client::resolve(std::string host, Family family) const {
    if (auto numeric = Address::parse(host, 0); numeric && isOf(*numeric, family))
        return std::vector<Address>{*std::move(numeric)};
    if (const auto* const hosts = state_->inHosts(host)) {
        if (auto found = onlyOf(*hosts, family); !found.empty())
            return found;
    }
    if (isLocalhost(host)) {
        const std::vector<Address> loopback{Address::parse("::1", 0).value(), Address::loopback(0)};
        return onlyOf(loopback, family);
    }
    return State::search(state_, std::move(host), family);
}

Deferred<Address> Client::getHostByName(std::string host, Family family) const {
    return resolve(std::move(host), family).addCallback([](const std::vector<Address>& found) {
        return found.front();
    });
}

Deferred<Name> Client::getNameByAddress(const Address& address) const {
    if (!address.isIp())
        return fail<Name>(std::invalid_argument("'" + address.toString() + "' is no IP address"));
    const Name name = reverseName(address);
    return State::follow(state_, name, Type::PTR)
        .addCallback([name](const Records& records) -> Outcome<Name> {
            for (const Record& record : records.answers) {
                if (record.type == Type::PTR) {
                    if (auto target = targetOf(record))
                        return *std::move(target);
                }
            }
            return Failure(DNSNameError(Rcode::noError, name.toString() + " PTR: it has no name"));
        });
}

Name reverseName(const Address& address) {
    const Bytes bytes = address.ipBytes();
    std::string text;
    for (std::size_t i = bytes.size(); i-- > 0;) {
        const auto byte = static_cast<unsigned char>(bytes[i]);
        if (address.kind() == Address::Kind::ipv4) {
            text += std::to_string(byte) + ".";
        } else {
            constexpr std::string_view kDigits = "0123456789abcdef";
            text += {kDigits[byte & 15U], '.', kDigits[byte >> 4U], '.'};
        }
    }
    text += address.kind() == Address::Kind::ipv4 ? "in-addr.arpa." : "ip6.arpa.";
    return Name::parse(text).value();
}

} // namespace twistdpp::dns
