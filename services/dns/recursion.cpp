#include "twistdpp/service_dns/recursion.h"

#include "twistdpp/dns_resolver/resolv_conf.h"

#include <algorithm>

namespace twistdpp::dns {

namespace {

Result<ResolverOptions> upstreams(const DnsConfig& config) {
    if (config.upstreams.empty()) {
        auto conf = readResolvConf(config.resolvConf.empty() ? "/etc/resolv.conf" : config.resolvConf);
        if (!conf)
            return std::move(conf).error().within("option --resolv-conf");
        return resolverOptions(*conf);
    }
    ResolverOptions options;
    for (const std::string& each : config.upstreams) {
        auto address = parseServer(each);
        if (!address)
            return std::move(address).error().within("option --forward");
        options.servers.push_back(*address);
    }
    options.order = ServerOrder::fastest;
    return options;
}

std::uint16_t extendedError(const ForwardReply& reply) {
    return reply.ede ? static_cast<std::uint16_t>(*reply.ede) : ExtendedError::none;
}

} // namespace

Result<std::unique_ptr<Recursion>>
Recursion::make(const DnsConfig& config, Reactor& reactor, std::vector<Address> listening) {
    std::vector<Prefix> allowed;
    for (const std::string& each : config.allowRecursion) {
        auto prefix = Prefix::parse(each);
        if (!prefix)
            return std::move(prefix).error().within("option --allow-recursion");
        allowed.push_back(*prefix);
    }
    auto options = upstreams(config);
    if (!options)
        return std::move(options).error();
    auto resolver = Resolver::make(reactor, *std::move(options));
    if (!resolver)
        return std::move(resolver).error();
    ForwarderOptions forwarding;
    forwarding.listening = std::move(listening);
    forwarding.cache.bytes = config.cache ? std::size_t{config.cacheMebibytes} << 20 : 0;
    forwarding.cache.maxStale =
        static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(config.serveStale).count()
        );
    auto forwarder = Forwarder::make(*std::move(resolver), std::move(forwarding));
    if (!forwarder)
        return std::move(forwarder).error();
    return std::unique_ptr<Recursion>(new Recursion(*std::move(forwarder), std::move(allowed)));
}

bool Recursion::allows(const Address& client) const noexcept {
    if (allowed_.empty())
        return client.isLocal();
    return std::any_of(allowed_.begin(), allowed_.end(), [&](const Prefix& each) {
        return each.contains(client);
    });
}

void Recursion::forward(Responder& responder, const Address& from, Carrier carrier, Elsewhere::Reply reply) {
    const Query& query = responder.query();
    Asked asked(query.name, query.type, query.klass);
    asked.dnssecOk = query.edns.dnssecOk;
    asked.checkingDisabled = (query.flags & Flag::cd) != 0;
    ForwardQuery question(query.id, asked);
    question.recursionDesired = query.recursionDesired();
    question.wantsAuthenticated = (query.flags & Flag::ad) != 0;
    question.from = &from;

    const std::span<char> out(answer_.get(), kLargest);
    ForwardReply ready;
    if (forwarder_->answerNow(question, responder.scratch(), ready)) {
        const std::size_t size = responder.complete(ready.message, ready.rcode, extendedError(ready), out);
        return reply({out.data(), size});
    }
    forwarder_->forward(
        question,
        [this, &responder, request = std::string(query.message), from, carrier,
         reply = std::move(reply)](const ForwardReply& answer) mutable {
            const std::span<char> to(answer_.get(), kLargest);
            responder.resume(request, from, carrier);
            const std::size_t size =
                responder.complete(answer.message, answer.rcode, extendedError(answer), to);
            reply({to.data(), size});
        }
    );
}

} // namespace twistdpp::dns
