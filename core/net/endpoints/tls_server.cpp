#include "twistdpp/base/ascii.h"
#include "twistdpp/endpoints/tls_server_arguments.h"

#include <algorithm>
#include <utility>

namespace twistdpp {

namespace {

constexpr EndpointArgument kArguments[] = {
    {"cert", "PEM file with the certificate, and the key unless key= names another", true},
    {"key", "PEM file with the key", true},
    {"chain", "PEM file with intermediate certificates", true},
    detail::kSni,
    detail::kAlpn,
    detail::kClientCa,
    detail::kClientCertificate,
    detail::kMinVersion,
    detail::kCiphers,
    {"endpoint", "what is below TLS, quoted: tcp\\:443; without it: tcp, with its arguments beside these",
     true},
};

bool isNumber(const std::string& text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), ascii::isDigit);
}

/// What is below TLS: endpoint=, a kind with its arguments ("tls:DIR:unix:/x"), or tcp ("tls:DIR:443").
Result<std::unique_ptr<ServerEndpoint>>
makeInner(const EndpointContext& context, EndpointString rest, const std::optional<std::string>& endpoint) {
    if (endpoint) {
        if (!rest.positional.empty() || !rest.keywords.empty())
            return endpointError(
                context, "with endpoint= the argument '" +
                             (rest.keywords.empty() ? rest.positional[0] : rest.keywords[0].first) +
                             "' belongs into the nested endpoint"
            );
        return makeNestedServer(context, *endpoint);
    }
    rest.kind = "tcp";
    if (!rest.positional.empty() && !isNumber(rest.positional[0])) {
        rest.kind = rest.positional[0];
        rest.positional.erase(rest.positional.begin());
    }
    return makeServerEndpoint(context, rest);
}

Result<std::unique_ptr<ServerEndpoint>> make(const EndpointContext& context, const EndpointString& text) {
    EndpointString rest = text;
    ArgumentReader reader = ArgumentReader::take(context, rest, kArguments);
    std::string directory;
    if (!rest.positional.empty() && !isNumber(rest.positional[0])) {
        reader.setDefault("sni", rest.positional[0]);
        directory = reader.file("sni");
        rest.positional.erase(rest.positional.begin());
    }
    detail::CertificateNames names{"cert", "key", "chain"};
    const ServerTlsOptions options = detail::readServerTls(reader, names, directory);
    std::optional<std::string> endpoint;
    if (reader.has("endpoint"))
        endpoint = reader.required("endpoint", "the nested endpoint");
    if (reader.error())
        return *reader.error();
    auto inner = makeInner(context, std::move(rest), endpoint);
    if (!inner)
        return inner;
    auto tls = detail::sharedContext(options);
    if (!tls)
        return endpointError(context, tls.error().message());
    return detail::makeTlsEndpoint(std::move(*inner), std::move(*tls));
}

TWISTDPP_SERVER_ENDPOINT(
    tls, "TLS over any endpoint; DIR holds NAME.pem files, cert= is one certificate for all",
    "tls:DIR:443 or tls:443:cert=FILE", kArguments, &make
);

} // namespace

} // namespace twistdpp
