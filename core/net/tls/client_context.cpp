#include "twistdpp/tls/connection_state.h"
#include "twistdpp/tls/context_state.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

namespace twistdpp::detail {

namespace {

int keepSession(ssl_st* connection, ssl_session_st* session) {
    const ConnectionState* of = connectionStateOf(connection);
    if (!of || of->hostname.empty())
        return 0;
    stateOf(connection).sessions->put(of->hostname, SessionHandle(session));
    return 1;
}

} // namespace

Result<std::shared_ptr<ContextState>> ContextState::forClient(const ClientTlsOptions& options) {
    auto state = std::make_shared<ContextState>(false, options);
    if (auto ready = state->setUp(); !ready)
        return std::move(ready).error();
    SSL_CTX* const context = state->context.get();
    std::string text;
    switch (options.trust) {
    case ClientTlsOptions::Trust::system:
        if (SSL_CTX_set_default_verify_paths(context) != 1)
            return Error("cannot read the system's certificate authorities: " + takeOpensslError());
        break;
    case ClientTlsOptions::Trust::given:
        if (options.authorities.empty())
            return Error("no certificate authorities were given to trust");
        if (auto trusted = state->trust(options.authorities, "certificate authorities", text); !trusted)
            return std::move(trusted).error();
        break;
    case ClientTlsOptions::Trust::insecure:
        break;
    }
    const bool verify = options.trust != ClientTlsOptions::Trust::insecure;
    SSL_CTX_set_verify(
        context, verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, verify ? &noteVerifyError : nullptr
    );
    state->checkHostname = verify && options.checkHostname;
    if (!options.identity.empty()) {
        auto identity = Identity::load(options.identity, text);
        if (!identity)
            return std::move(identity).error();
        if (!identity->use(context))
            return Error(
                options.identity.certificate.describe("certificate") +
                " cannot be used: " + takeOpensslError()
            );
    }
    if (!state->alpn.empty()) {
        const auto* const list = reinterpret_cast<const unsigned char*>(state->alpn.data());
        SSL_CTX_set_alpn_protos(context, list, static_cast<unsigned>(state->alpn.size()));
    }
    if (options.sessionCache) {
        state->sessions = std::make_unique<SessionCache>();
        SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
        SSL_CTX_sess_set_new_cb(context, &keepSession);
    } else {
        SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    }
    state->setFingerprint(text);
    ERR_clear_error();
    return state;
}

} // namespace twistdpp::detail
