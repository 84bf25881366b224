#include "twistdpp/endpoints/argument_reader.h"
#include "twistdpp/endpoints/host_connector.h"
#include "twistdpp/endpoints/tls_connector.h"
#include "twistdpp/endpoints/trust_roots.h"
#include "twistdpp/tls/tls_context.h"

#include <optional>
#include <utility>

namespace twistdpp {

namespace {

// The order of positional arguments is Twisted's.
constexpr EndpointArgument kTls[] = {
    {"host", "name or numeric address; the certificate must be for it"},
    {"port", "1 to 65535"},
    {"timeout", "seconds for look-up and connection, default 30"},
    {"bindAddress", "own numeric address to connect from"},
    {"certificate", "PEM file with a certificate of our own"},
    {"privateKey", "PEM file with its key, default: the file of the certificate"},
    {"trustRoots", "PEM file, or folder of them, with the authorities; default: the system's"},
    {"endpoint", "what is below TLS, quoted: unix\\:/x; then host is for the certificate alone"},
    {"alpn", "protocols offered, best first: h2,http/1.1", true},
};
constexpr EndpointArgument kSsl[] = {
    {"host", "name or numeric address"},
    {"port", "1 to 65535"},
    {"timeout", "seconds for look-up and connection, default 30", true},
    {"bindAddress", "own numeric address to connect from", true},
    {"certKey", "PEM file with a certificate of our own", true},
    {"privateKey", "PEM file with its key, default: the file of the certificate", true},
    {"caCertsDir", "folder of PEM files, or one, with the authorities; default: the system's", true},
    {"hostname", "whom the certificate must be for, default: the host", true},
    {"insecure", "1: believe everybody, whatever the certificate", true},
};

class TlsClientEndpoint final : public ClientEndpoint {
public:
    TlsClientEndpoint(
        detail::HostConnector connector, std::unique_ptr<ClientEndpoint> below,
        std::shared_ptr<const ContextFactory> context, std::string hostname
    )
        : connector_(std::move(connector)), below_(std::move(below)), context_(std::move(context)),
          hostname_(std::move(hostname)) {}

    Deferred<Transport*> connect(std::shared_ptr<Factory> factory) override {
        return detail::connectTls(
            [this](std::shared_ptr<Factory> secured) {
                return below_ ? below_->connect(std::move(secured)) : connector_.connect(std::move(secured));
            },
            std::move(factory), context_, hostname_
        );
    }

private:
    detail::HostConnector connector_;
    std::unique_ptr<ClientEndpoint> below_;
    std::shared_ptr<const ContextFactory> context_;
    std::string hostname_;
};

/// `certificate` and `trust` are what the kind calls these arguments.
ClientTlsOptions readOptions(ArgumentReader& reader, std::string_view certificate, std::string_view trust) {
    ClientTlsOptions options;
    const std::string ours = reader.file(certificate, reader.text("privateKey"));
    const std::string key = reader.file("privateKey");
    if (!ours.empty())
        options.identity = TlsIdentity::files(ours, key);
    if (const std::string path = reader.file(trust); !path.empty()) {
        auto roots = readTrustRoots(path);
        options.trust = ClientTlsOptions::Trust::given;
        if (roots)
            options.authorities = std::move(*roots);
        else
            reader.fail(std::string(trust) + ": " + roots.error().message());
    }
    options.alpn = reader.list("alpn");
    if (reader.flag("insecure", false)) {
        options.trust = ClientTlsOptions::Trust::insecure;
        options.checkHostname = false;
    }
    return options;
}

Result<std::unique_ptr<ClientEndpoint>> finish(
    const EndpointContext& context, const ArgumentReader& reader, const ClientTlsOptions& options,
    detail::HostConnector connector, std::unique_ptr<ClientEndpoint> below, std::string hostname
) {
    if (reader.error())
        return *reader.error();
    auto tls = TlsContext::forClient(options);
    if (!tls)
        return endpointError(context, tls.error().message());
    return std::unique_ptr<ClientEndpoint>(std::make_unique<TlsClientEndpoint>(
        std::move(connector), std::move(below), std::move(*tls), std::move(hostname)
    ));
}

Result<std::unique_ptr<ClientEndpoint>> makeTls(const EndpointContext& context, const EndpointString& text) {
    ArgumentReader reader(context, text, kTls);
    detail::HostConnector connector = detail::HostConnector::read(context, reader);
    const ClientTlsOptions options = readOptions(reader, "certificate", "trustRoots");
    std::unique_ptr<ClientEndpoint> below;
    if (reader.has("endpoint")) {
        auto nested = makeNestedClient(context, reader.required("endpoint", "the nested endpoint"));
        if (!nested && !reader.error())
            return nested;
        if (nested)
            below = std::move(*nested);
    }
    std::string hostname = connector.host;
    return finish(context, reader, options, std::move(connector), std::move(below), std::move(hostname));
}

Result<std::unique_ptr<ClientEndpoint>> makeSsl(const EndpointContext& context, const EndpointString& text) {
    ArgumentReader reader(context, text, kSsl);
    detail::HostConnector connector = detail::HostConnector::read(context, reader);
    const ClientTlsOptions options = readOptions(reader, "certKey", "caCertsDir");
    std::string hostname = reader.text("hostname", connector.host);
    return finish(context, reader, options, std::move(connector), nullptr, std::move(hostname));
}

TWISTDPP_CLIENT_ENDPOINT(
    tls, "TLS over TCP or another endpoint; the certificate must be the host's", "tls:HOST:PORT", kTls,
    &makeTls
);
TWISTDPP_CLIENT_ENDPOINT(
    ssl, "TLS over TCP, with Twisted's arguments; certificates are checked", "ssl:HOST:PORT", kSsl, &makeSsl
);

} // namespace

} // namespace twistdpp
