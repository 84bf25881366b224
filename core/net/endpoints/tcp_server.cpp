#include "twistdpp/endpoints/argument_reader.h"
#include "twistdpp/endpoints/socket_listener.h"
#include "twistdpp/reactor/errors.h"

#include <utility>

namespace twistdpp {

namespace {

constexpr EndpointArgument kTcp[] = {
    {"port", "0 to 65535; 0 lets the system choose"},
    {"interface", "numeric address; * for IPv6 and IPv4 together; default: all of IPv4"},
    {"backlog", "connections that may wait to be accepted, default 4096"},
    {"reuseport", "1: share the port with other processes that do so too"},
};
// The order of positional arguments is Twisted's.
constexpr EndpointArgument kTcp6[] = {
    {"port", "0 to 65535; 0 lets the system choose"},
    {"backlog", "connections that may wait to be accepted, default 4096"},
    {"interface", "numeric IPv6 address, its colons quoted: \\:\\:1; default: all of IPv6"},
    {"reuseport", "1: share the port with other processes that do so too"},
};

class TcpServerEndpoint final : public ServerEndpoint {
public:
    explicit TcpServerEndpoint(Reactor& reactor, Address address)
        : reactor_(reactor), address_(std::move(address)) {}

    Deferred<std::unique_ptr<Port>>
    listenBelow(std::shared_ptr<Factory> factory, const FactoryWrapper& lowest) override {
        auto accepting = detail::wrapped(std::move(factory), lowest);
        auto opened = reactor_.listen(spec(address_, dualStack), accepting);
        const bool noIpv6 =
            !opened && dualStack && opened.error().code() == std::errc::address_family_not_supported;
        if (noIpv6) // a machine without IPv6: all that there is
            opened = reactor_.listen(spec(Address::anyIpv4(address_.port()), false), accepting);
        if (!opened)
            return Failure(CannotListenError(opened.error().message()));
        return Deferred<std::unique_ptr<Port>>(std::move(*opened));
    }

    bool dualStack = false;
    bool reusePort = false;
    int backlog = 4096;

private:
    ListenSpec spec(const Address& address, bool both) const {
        ListenSpec spec(address);
        spec.dualStack = both;
        spec.reusePort = reusePort;
        spec.backlog = backlog;
        return spec;
    }

    Reactor& reactor_;
    Address address_;
};

Result<std::unique_ptr<ServerEndpoint>>
make(const EndpointContext& context, ArgumentReader& reader, bool ipv6Only) {
    const std::uint16_t port = reader.port("port");
    const bool both = !ipv6Only && reader.text("interface") == "*";
    const Address any = ipv6Only || both ? Address::anyIpv6(port) : Address::anyIpv4(port);
    const Address address = both ? any : reader.address("interface", any);
    if (ipv6Only && address.kind() != Address::Kind::ipv6)
        reader.fail("interface: '" + reader.text("interface") + "' is not an IPv6 address");
    auto endpoint = std::make_unique<TcpServerEndpoint>(context.reactor, address);
    endpoint->dualStack = both;
    endpoint->backlog = static_cast<int>(reader.number("backlog", 4096, 1, 1U << 20));
    endpoint->reusePort = reader.flag("reuseport", false) || context.options.reusePort;
    if (reader.error())
        return *reader.error();
    return std::unique_ptr<ServerEndpoint>(std::move(endpoint));
}

Result<std::unique_ptr<ServerEndpoint>> makeTcp(const EndpointContext& context, const EndpointString& text) {
    ArgumentReader reader(context, text, kTcp);
    return make(context, reader, false);
}
Result<std::unique_ptr<ServerEndpoint>> makeTcp6(const EndpointContext& context, const EndpointString& text) {
    ArgumentReader reader(context, text, kTcp6);
    return make(context, reader, true);
}

TWISTDPP_SERVER_ENDPOINT(
    tcp, "TCP; PORT, HOST:PORT and [IPV6]:PORT are short for it", "tcp:PORT", kTcp, &makeTcp
);
TWISTDPP_SERVER_ENDPOINT(tcp6, "TCP over IPv6 alone", "tcp6:PORT", kTcp6, &makeTcp6);

} // namespace

} // namespace twistdpp
