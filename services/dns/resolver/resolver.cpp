#include "twistdpp/dns_resolver/resolver.h"

#include "twistdpp/dns_resolver/lookup.h"
#include "twistdpp/dns_resolver/random.h"

#include <algorithm>
#include <utility>

namespace twistdpp::dns {

Result<std::shared_ptr<Resolver>> Resolver::make(Reactor& reactor, ResolverOptions options) {
    if (options.servers.empty())
        return Error("a resolver needs at least one server to ask");
    for (const Address& server : options.servers) {
        if (!server.isIp() || server.port() == 0)
            return Error("'" + server.toString() + "' is no address of a server with a port");
    }
    return std::shared_ptr<Resolver>(new Resolver(reactor, std::move(options)));
}

Resolver::Resolver(Reactor& reactor, ResolverOptions options)
    : reactor_(reactor), options_(std::move(options)),
      sockets_(reactor, std::max<std::size_t>(options_.maxSockets, 1)), reader_(options_.ttl) {
    for (const Address& server : options_.servers)
        servers_.push_back(std::make_unique<UpstreamServer>(
            server,
            std::make_shared<TcpChannel>(reactor, server, options_.tcpConnectTimeout, options_.tcpIdle)
        ));
}

Resolver::~Resolver() {
    // Those who wait are told, and may ask for nothing any more.
    for (auto lookups = std::exchange(lookups_, {}); auto& [key, lookup] : lookups)
        lookup->abandon();
}

Deferred<AnswerRef> Resolver::query(Name name, Type type, Class klass) {
    return query(Asked(name.wire(), type, klass));
}

Deferred<AnswerRef> Resolver::query(const Asked& asked) {
    const AskedKey key(asked);
    std::string text(key.bytes());
    if (const auto same = lookups_.find(text); same != lookups_.end())
        return same->second->wait();
    if (lookups_.size() >= options_.maxLookups)
        return fail<AnswerRef>(NoAnswerError("too many look-ups are under way", false));
    const auto lookup = std::make_shared<Lookup>(*this, asked, text);
    lookups_.emplace(std::move(text), lookup);
    auto result = lookup->wait();
    lookup->start();
    return result;
}

std::vector<UpstreamServer*> Resolver::order() {
    std::vector<UpstreamServer*> order;
    order.reserve(servers_.size());
    const std::size_t first = options_.order == ServerOrder::rotate ? next_++ : 0;
    for (std::size_t i = 0; i < servers_.size(); ++i)
        order.push_back(servers_[(first + i) % servers_.size()].get());
    if (options_.order == ServerOrder::fastest) {
        std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
            return a->roundTrip() < b->roundTrip(); // those not known yet first
        });
        // The others' times are measured now and then.
        if (constexpr std::size_t kOften = 32; order.size() > 1 && QueryRandom().below(kOften) == 0)
            std::rotate(order.begin(), order.begin() + 1, order.end());
    }
    std::stable_partition(order.begin(), order.end(), [&](const auto* server) { return server->healthy(); });
    return order;
}

void Resolver::probe(const Asked& asked) {
    const TimePoint now = reactor_.now();
    for (const auto& server : servers_) {
        if (!server->probeDue(now))
            continue;
        std::erase_if(probes_, [&](const auto& probe) { return &probe->server() == server.get(); });
        probes_.push_back(std::make_unique<Probe>(reactor_, sockets_, *server, asked, options_.exchange));
        probes_.back()->start(options_.timeout);
    }
}

} // namespace twistdpp::dns
