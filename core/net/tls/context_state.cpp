#include "twistdpp/tls/context_state.h"

#include <cerrno>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <unistd.h>

namespace twistdpp::detail {

namespace {

// Key exchange with forward secrecy and authenticated encryption; all that speaks TLS 1.2 today has one.
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20:!PSK";

int versionNumber(TlsVersion version) {
    return version == TlsVersion::tls13 ? TLS1_3_VERSION : TLS1_2_VERSION;
}

void writeKeyLog(const ssl_st* connection, const char* line) {
    std::string text(line);
    text += '\n';
    // One write, so that lines of several threads and processes do not mix; a full disk must not stop TLS.
    [[maybe_unused]] const auto written = ::write(stateOf(connection).keyLog.get(), text.data(), text.size());
}

} // namespace

ContextState& stateOf(const ssl_st* connection) {
    return *static_cast<ContextState*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(connection)));
}

Result<void> ContextState::setUp() {
    ERR_clear_error();
    context.reset(SSL_CTX_new(server ? TLS_server_method() : TLS_client_method()));
    if (!context)
        return Error("cannot make a TLS context: " + takeOpensslError());
    SSL_CTX* const made = context.get();
    SSL_CTX_set_app_data(made, this);
    SSL_CTX_set_mode(made, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_options(made, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    if (settings.minVersion > settings.maxVersion)
        return Error("the lowest TLS version asked for is above the highest");
    SSL_CTX_set_min_proto_version(made, versionNumber(settings.minVersion));
    SSL_CTX_set_max_proto_version(made, versionNumber(settings.maxVersion));
    const char* const ciphers = settings.ciphers.empty() ? kCiphers : settings.ciphers.c_str();
    if (SSL_CTX_set_cipher_list(made, ciphers) != 1) {
        ERR_clear_error();
        return Error("the TLS cipher list '" + settings.ciphers + "' names no known cipher");
    }
    if (!settings.cipherSuites.empty() &&
        SSL_CTX_set_ciphersuites(made, settings.cipherSuites.c_str()) != 1) {
        ERR_clear_error();
        return Error("the TLS 1.3 cipher suites '" + settings.cipherSuites + "' are not all known");
    }
    for (const std::string& protocol : settings.alpn) {
        if (protocol.empty() || protocol.size() > 255)
            return Error("an ALPN protocol's name must have 1 to 255 bytes: '" + protocol + "'");
        alpn += static_cast<char>(protocol.size());
        alpn += protocol;
    }
    if (!settings.keyLogFile.empty()) {
        const char* const path = settings.keyLogFile.c_str();
        keyLog.reset(::open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
        if (!keyLog)
            return Error::fromErrno(errno, "cannot open the TLS key log '" + settings.keyLogFile + "'");
        SSL_CTX_set_keylog_callback(made, &writeKeyLog);
    }
    return {};
}

Result<void> ContextState::trust(const Pem& authorities, std::string_view what, std::string& text) {
    auto pem = authorities.read(what);
    if (!pem)
        return std::move(pem).error();
    text += *pem;
    auto certificates = parseCertificates(*pem, authorities.describe(what));
    if (!certificates)
        return std::move(certificates).error();
    X509_STORE* const store = SSL_CTX_get_cert_store(context.get());
    for (const CertificateHandle& one : *certificates)
        X509_STORE_add_cert(store, one.get());
    // Who names an intermediate authority, or a server's own certificate, means it.
    X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
    ERR_clear_error();
    return {};
}

void ContextState::setFingerprint(const std::string& text) {
    EVP_Digest(text.data(), text.size(), fingerprint.data(), nullptr, EVP_sha256(), nullptr);
}

} // namespace twistdpp::detail
