#include "twistdpp/reactor/reactor.h"

#include "twistdpp/reactor/connect_host.h"
#include "twistdpp/reactor/context_factory.h"
#include "twistdpp/reactor/errors.h"
#include "twistdpp/reactor/secured_connect.h"

#include <utility>

namespace twistdpp {

namespace {

Address interfaceAddress(std::string_view interface, std::uint16_t port) {
    if (interface.empty())
        return Address::anyIpv4(port);
    auto address = Address::parse(interface, port);
    if (!address)
        throw CannotListenError("interface " + address.error().message());
    return *std::move(address);
}

/// Puts TLS around each protocol of another factory.
class SecuredFactory final : public Factory {
public:
    SecuredFactory(std::shared_ptr<Factory> inner, std::shared_ptr<const ContextFactory> context)
        : inner_(std::move(inner)), context_(std::move(context)) {}

    std::unique_ptr<Protocol> buildProtocol(const Address& peer) override {
        auto protocol = inner_->buildProtocol(peer);
        if (!protocol)
            return nullptr;
        return context_->serverProtocol(std::move(protocol));
    }

private:
    std::shared_ptr<Factory> inner_;
    std::shared_ptr<const ContextFactory> context_;
};

} // namespace

Deferred<std::vector<Address>> Reactor::resolve(std::string host, Family family) {
    // What is numeric already needs no look-up.
    if (auto numeric = Address::parse(host, 0)) {
        const bool wanted =
            family == Family::any || (family == Family::ipv4) == (numeric->kind() == Address::Kind::ipv4);
        if (!wanted)
            return fail<std::vector<Address>>(DNSLookupError(host, "the address is of the other family"));
        return succeed(std::vector<Address>{*numeric});
    }
    if (const std::shared_ptr<NameResolver> installed = resolver_)
        return installed->resolve(std::move(host), family);
    return resolveBySystem(std::move(host), family);
}

std::shared_ptr<NameResolver> Reactor::installResolver(std::shared_ptr<NameResolver> resolver) {
    return std::exchange(resolver_, std::move(resolver));
}

std::unique_ptr<Port> Reactor::listenTCP(
    std::uint16_t port, std::shared_ptr<Factory> factory, std::string_view interface, int backlog
) {
    ListenSpec spec(interfaceAddress(interface, port));
    spec.backlog = backlog;
    auto opened = listen(std::move(spec), std::move(factory));
    if (!opened)
        throw CannotListenError(opened.error().message());
    return *std::move(opened);
}

std::unique_ptr<Port> Reactor::listenSSL(
    std::uint16_t port, std::shared_ptr<Factory> factory, std::shared_ptr<const ContextFactory> context,
    std::string_view interface, int backlog
) {
    return listenTCP(
        port, std::make_shared<SecuredFactory>(std::move(factory), std::move(context)), interface, backlog
    );
}

std::unique_ptr<DatagramPort>
Reactor::listenUDP(std::uint16_t port, DatagramProtocol& protocol, std::string_view interface) {
    auto opened = bind(DatagramSpec(interfaceAddress(interface, port)), protocol);
    if (!opened)
        throw CannotListenError(opened.error().message());
    return *std::move(opened);
}

Deferred<Transport*> Reactor::connectTCP(
    std::string host, std::uint16_t port, std::shared_ptr<Factory> factory, Duration timeout
) {
    ConnectHostOptions options;
    options.timeout = timeout;
    return connectHost(*this, std::move(host), port, std::move(factory), options);
}

Deferred<Transport*> Reactor::connectSSL(
    std::string host, std::uint16_t port, std::shared_ptr<Factory> factory,
    std::shared_ptr<const ContextFactory> context, Duration timeout
) {
    return connectSecured(*this, std::move(host), port, std::move(factory), std::move(context), timeout);
}

Result<std::unique_ptr<Reactor>> makeReactor(std::string_view text) {
    const auto colon = text.find(':');
    const std::string_view name = text.substr(0, colon);
    if (const ReactorMaker* maker = Registry<ReactorMaker>::find(name))
        return maker->make(colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1));
    std::string names;
    for (const ReactorMaker* maker : Registry<ReactorMaker>::all())
        names.append(names.empty() ? "" : ", ").append(maker->name);
    return Error("there is no reactor '" + std::string(name) + "'; there are: " + names);
}

} // namespace twistdpp
