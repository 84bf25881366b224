#include "twistdpp/endpoints/argument_reader.h"
#include "twistdpp/endpoints/host_connector.h"
#include "twistdpp/net/proxy_protocol.h"

#include <optional>
#include <utility>

namespace twistdpp {

namespace {

constexpr EndpointArgument kArguments[] = {
    {"host", "name or numeric address"},
    {"port", "1 to 65535"},
    {"timeout", "seconds for look-up and connection, default 30", true},
    {"bindAddress", "own numeric address to connect from", true},
    {"proxy", "v1 or v2: begin with a PROXY header", true},
};

class TcpClientEndpoint final : public ClientEndpoint {
public:
    TcpClientEndpoint(detail::HostConnector connector, std::optional<ProxyVersion> proxy)
        : connector_(std::move(connector)), proxy_(proxy) {}

    Deferred<Transport*> connect(std::shared_ptr<Factory> factory) override {
        if (proxy_)
            factory = sendProxyHeader(std::move(factory), *proxy_);
        return connector_.connect(std::move(factory));
    }

private:
    detail::HostConnector connector_;
    std::optional<ProxyVersion> proxy_;
};

Result<std::unique_ptr<ClientEndpoint>> make(const EndpointContext& context, const EndpointString& text) {
    ArgumentReader reader(context, text, kArguments);
    detail::HostConnector connector = detail::HostConnector::read(context, reader);
    std::optional<ProxyVersion> proxy;
    if (reader.has("proxy")) {
        const std::string version = reader.text("proxy");
        if (version != "v1" && version != "v2")
            reader.fail("proxy: '" + version + "' is neither v1 nor v2");
        proxy = version == "v1" ? ProxyVersion::v1 : ProxyVersion::v2;
    }
    if (reader.error())
        return *reader.error();
    return std::unique_ptr<ClientEndpoint>(std::make_unique<TcpClientEndpoint>(std::move(connector), proxy));
}

TWISTDPP_CLIENT_ENDPOINT(
    tcp, "TCP to a host; its addresses are tried as RFC 8305 says", "tcp:HOST:PORT", kArguments, &make
);

} // namespace

} // namespace twistdpp
