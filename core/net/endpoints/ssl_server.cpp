#include "twistdpp/endpoints/tls_server_arguments.h"

#include <utility>

namespace twistdpp {

namespace {

// The order of positional arguments is Twisted's.
constexpr EndpointArgument kArguments[] = {
    {"port", "0 to 65535; 0 lets the system choose"},
    {"privateKey", "PEM file with the key, default server.pem"},
    {"certKey", "PEM file with the certificate, default: the file of the key"},
    {"sslmethod", "TLS_METHOD or SSLv23_METHOD (TLS 1.2 and 1.3), TLSv1_2_METHOD"},
    {"interface", "numeric address; * for IPv6 and IPv4 together; default: all of IPv4"},
    {"backlog", "connections that may wait to be accepted, default 4096"},
    {"extraCertChain", "PEM file with intermediate certificates"},
    {"dhParameters", "refused: keys are agreed on by elliptic curves"},
    {"reuseport", "1: share the port with other processes that do so too", true},
    detail::kSni,
    detail::kAlpn,
    detail::kClientCa,
    detail::kClientCertificate,
    detail::kMinVersion,
    detail::kCiphers,
};

void readMethod(ArgumentReader& reader, ServerTlsOptions& options) {
    const std::string method = reader.text("sslmethod", "TLS_METHOD");
    if (method == "TLSv1_2_METHOD")
        options.maxVersion = TlsVersion::tls12;
    else if (method == "SSLv2_METHOD" || method == "SSLv3_METHOD" || method == "TLSv1_METHOD" || method == "TLSv1_1_METHOD")
        reader.fail("sslmethod: " + method + " is broken and not offered; leave it out for TLS 1.2 and 1.3");
    else if (method != "TLS_METHOD" && method != "SSLv23_METHOD" && method != "TLS_SERVER_METHOD")
        reader.fail("sslmethod: '" + method + "' is no method (TLS_METHOD, SSLv23_METHOD, TLSv1_2_METHOD)");
    if (options.maxVersion < options.minVersion)
        reader.fail("sslmethod and minVersion leave no version");
}

Result<std::unique_ptr<ServerEndpoint>> make(const EndpointContext& context, const EndpointString& text) {
    EndpointString given = text;
    ArgumentReader reader(context, given, kArguments);
    if (!reader.has("sni") || reader.has("privateKey") || reader.has("certKey")) {
        // Twisted's defaults: one file for both.
        const std::string key = reader.text("privateKey", "server.pem");
        reader.setDefault("privateKey", key);
        reader.setDefault("certKey", key);
    }
    detail::CertificateNames names{"certKey", "privateKey", "extraCertChain"};
    ServerTlsOptions options = detail::readServerTls(reader, names);
    readMethod(reader, options);
    if (reader.has("dhParameters"))
        reader.fail("dhParameters: keys are agreed on by elliptic curves, leave it out");
    EndpointString tcp("tcp");
    tcp.setKeyword("port", std::to_string(reader.port("port")));
    for (const char* const name : {"interface", "backlog", "reuseport"}) {
        if (reader.has(name))
            tcp.setKeyword(name, reader.text(name));
    }
    if (reader.error())
        return *reader.error();
    auto inner = makeServerEndpoint(context, tcp);
    if (!inner)
        return inner;
    auto tls = detail::sharedContext(options);
    if (!tls)
        return endpointError(context, tls.error().message());
    return detail::makeTlsEndpoint(std::move(*inner), std::move(*tls));
}

TWISTDPP_SERVER_ENDPOINT(
    ssl, "TLS over TCP, with Twisted's arguments", "ssl:PORT:privateKey=FILE:certKey=FILE", kArguments, &make
);

} // namespace

} // namespace twistdpp
