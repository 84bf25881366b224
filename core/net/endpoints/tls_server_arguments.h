#pragma once
#include "twistdpp/endpoints/argument_reader.h"
#include "twistdpp/tls/reloadable_context.h"
#include "twistdpp/tls/tls_options.h"

#include <memory>
#include <string>

namespace twistdpp::detail {

/// The names under which a kind takes its certificate; "" for what it does not take.
struct CertificateNames {
    std::string_view certificate;
    std::string_view privateKey;
    std::string_view chain;
};

// What the kinds of TLS servers take besides.
inline constexpr EndpointArgument kSni{
    "sni", "folder of NAME.pem files (chain and key), chosen by the name the client asks for", true};
inline constexpr EndpointArgument kAlpn{"alpn", "protocols offered, best first: h2,http/1.1", true};
inline constexpr EndpointArgument kClientCa{
    "clientCA", "PEM file: who signs the clients' certificates", true};
inline constexpr EndpointArgument kClientCertificate{
    "clientCertificate", "required (default with clientCA), optional, or any: whoever signed it", true};
inline constexpr EndpointArgument kMinVersion{"minVersion", "1.2 (default) or 1.3", true};
inline constexpr EndpointArgument kCiphers{"ciphers", "OpenSSL's cipher list for TLS 1.2", true};

/// Reads them; `directory` is a folder given in another way than by sni=. Mistakes are left in the reader.
ServerTlsOptions
readServerTls(ArgumentReader& reader, const CertificateNames& names, std::string directory = {});

/// The context of those options. Endpoints of the same options share it, whatever their reactors, so that a
/// client may resume its session with any of them; each one made reads the files again.
Result<std::shared_ptr<ReloadableTlsContext>> sharedContext(const ServerTlsOptions& options);

/// `inner` with TLS above it.
std::unique_ptr<ServerEndpoint>
makeTlsEndpoint(std::unique_ptr<ServerEndpoint> inner, std::shared_ptr<ReloadableTlsContext> context);

} // namespace twistdpp::detail
