#pragma once
#include "twistdpp/dns_resolver/client.h"

namespace twistdpp::dns {

/// What a Client and its look-ups share.
struct Client::State {
    State(std::shared_ptr<Resolver> r, const ClientOptions& o)
        : resolver(std::move(r)), options(o), cache(o.cache) {
        if (options.hostsFile)
            hosts.emplace(*options.hostsFile);
    }
    const std::vector<Address>* inHosts(std::string_view name) {
        return hosts ? hosts->find(name, resolver->reactor().now()) : nullptr;
    }

    // Coroutines, which keep the state that they use alive.
    static Deferred<Records> ask(std::shared_ptr<State> state, Name name, Type type);
    static Deferred<Records> follow(std::shared_ptr<State> state, Name name, Type type);
    static Deferred<std::vector<Address>> addresses(std::shared_ptr<State> state, Name name, Family family);
    static Deferred<std::vector<Address>>
    search(std::shared_ptr<State> state, std::string host, Family family);

    std::shared_ptr<Resolver> resolver;
    ClientOptions options;
    Cache cache;
    std::optional<HostsFile> hosts;
};

} // namespace twistdpp::dns
