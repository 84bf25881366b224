#include "twistdpp/endpoints/argument_reader.h"
#include "twistdpp/net/proxy_protocol.h"

#include <utility>

namespace twistdpp {

namespace {

constexpr EndpointArgument kArguments[] = {
    {"trust", "networks of the balancers, 10.0.0.0/8,192.0.2.1; default: this machine", true},
    {"untrusted", "refuse (default) or direct: what becomes of others; direct serves them without a header",
     true},
    {"proxy", "v1, v2 or any (default): which header is accepted", true},
    {"headerTimeout", "seconds in which the header must come, default 5", true},
};

class HaproxyEndpoint final : public ServerEndpoint {
public:
    HaproxyEndpoint(std::unique_ptr<ServerEndpoint> inner, ProxyServerOptions options)
        : inner_(std::move(inner)), options_(std::move(options)) {}

    Deferred<std::unique_ptr<Port>>
    listenBelow(std::shared_ptr<Factory> factory, const FactoryWrapper& lowest) override {
        // The balancer sends its header before the client's handshake: below TLS, whichever is named first.
        return inner_->listenBelow(
            std::move(factory),
            [options = options_, lowest](std::shared_ptr<Factory> above) {
                auto proxied = acceptProxyHeader(std::move(above), options);
                return lowest ? lowest(std::move(proxied)) : proxied;
            }
        );
    }
    Result<bool> reload() override { return inner_->reload(); }

private:
    std::unique_ptr<ServerEndpoint> inner_;
    ProxyServerOptions options_;
};

Result<ProxyServerOptions> readOptions(ArgumentReader& reader) {
    ProxyServerOptions options;
    if (reader.has("trust")) {
        auto trusted = parsePrefixes(reader.text("trust"));
        if (trusted)
            options.trusted = std::move(*trusted);
        else
            reader.fail("trust: " + trusted.error().message());
    }
    const std::string untrusted = reader.text("untrusted", "refuse");
    if (untrusted == "direct")
        options.untrusted = ProxyServerOptions::Untrusted::direct;
    else if (untrusted != "refuse")
        reader.fail("untrusted: '" + untrusted + "' is neither refuse nor direct");
    const std::string version = reader.text("proxy", "any");
    if (version == "v1")
        options.accept = ProxyServerOptions::Accept::v1;
    else if (version == "v2")
        options.accept = ProxyServerOptions::Accept::v2;
    else if (version != "any")
        reader.fail("proxy: '" + version + "' is none of v1, v2 and any");
    options.timeout = reader.seconds("headerTimeout", options.timeout);
    if (reader.error())
        return *reader.error();
    return options;
}

Result<std::unique_ptr<ServerEndpoint>> make(const EndpointContext& context, const EndpointString& text) {
    EndpointString rest = text;
    ArgumentReader reader = ArgumentReader::take(context, rest, kArguments);
    auto options = readOptions(reader);
    if (!options)
        return std::move(options).error();
    if (rest.positional.empty() || rest.positional[0].empty())
        return endpointError(
            context, "haproxy needs the endpoint that it stands before, as haproxy:tcp:8080,"
        );
    rest.kind = rest.positional[0];
    rest.positional.erase(rest.positional.begin());
    auto inner = makeServerEndpoint(context, rest);
    if (!inner)
        return inner;
    return std::unique_ptr<ServerEndpoint>(
        std::make_unique<HaproxyEndpoint>(std::move(*inner), std::move(*options))
    );
}

TWISTDPP_SERVER_ENDPOINT(
    haproxy, "another endpoint behind load balancers that send PROXY headers (v1, v2)", "haproxy:tcp:PORT",
    kArguments, &make
);

} // namespace

} // namespace twistdpp
