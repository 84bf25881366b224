#include "twistdpp/tls/connection_state.h"
#include "twistdpp/tls/context_state.h"

#include <array>
#include <chrono>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>

namespace twistdpp::detail {

namespace {

TimePoint processTime() {
    return std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now());
}

int selectAlpn(ssl_st* connection, const unsigned char** chosen, unsigned char* length, const unsigned char* offered, unsigned offeredLength, void*) {
    const std::string& own = stateOf(connection).alpn;
    unsigned char* match = nullptr;
    const int found = SSL_select_next_proto(
        &match, length, reinterpret_cast<const unsigned char*>(own.data()), static_cast<unsigned>(own.size()),
        offered, offeredLength
    );
    if (found != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL; // RFC 7301 section 3.2
    *chosen = match;
    return SSL_TLSEXT_ERR_OK;
}

int selectServerName(ssl_st* connection, int* alert, void*) {
    const char* const name = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name);
    if (stateOf(connection).selectIdentity(connection, name))
        return SSL_TLSEXT_ERR_OK;
    *alert = SSL_AD_UNRECOGNIZED_NAME;
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

/// The callback of RFC 5077 tickets: -1 error, 0 not ours, 1 good, 2 good but give a new one.
int useTicketKey(
    ssl_st* connection, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
    int encrypting
) {
    TicketKeys& keys = *stateOf(connection).tickets;
    TicketKey key;
    int answer = 1;
    if (encrypting == 1) {
        const auto newest = keys.newest(processTime());
        if (!newest || RAND_bytes(iv, 16) != 1)
            return -1;
        key = *newest;
        std::copy(key.name.begin(), key.name.end(), name);
    } else {
        const auto found = keys.find(std::span<const unsigned char, 16>(name, 16), processTime());
        if (!found)
            return 0;
        key = found->key;
        // A ticket of TLS 1.3 is used once, so each use must bring the next one.
        answer = found->renew || SSL_version(connection) >= TLS1_3_VERSION ? 2 : 1;
    }
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key.mac.data(), key.mac.size()),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_construct_end()};
    const bool ready =
        EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), nullptr, key.cipher.data(), iv, encrypting) == 1 &&
        EVP_MAC_CTX_set_params(mac, parameters) == 1;
    OPENSSL_cleanse(&key, sizeof key);
    return ready ? answer : -1;
}

/// Gives a session its name as its first ticket is made. What resumes it has the name from the ticket.
int nameSession(ssl_st* connection, void*) {
    SSL_SESSION* const session = SSL_get_session(connection);
    void* known = nullptr;
    std::size_t size = 0;
    if (SSL_SESSION_get0_ticket_appdata(session, &known, &size) == 1 && size > 0)
        return 1;
    std::array<unsigned char, 16> name{};
    return RAND_bytes(name.data(), static_cast<int>(name.size())) == 1 &&
                   SSL_SESSION_set1_ticket_appdata(session, name.data(), name.size()) == 1
               ? 1
               : 0;
}

} // namespace

bool ContextState::selectIdentity(ssl_st* connection, const char* name) const {
    const auto* const chosen = name ? names.find(name) : nullptr;
    if (!chosen)
        return fallback;
    SSL_certs_clear(connection);
    for (const std::size_t index : *chosen) {
        if (!identities[index].use(connection))
            return false;
    }
    return true;
}

Result<void> ContextState::loadIdentities(const ServerTlsOptions& options, std::string& text) {
    const auto cannotUse = [](const TlsIdentity& source) {
        return Error(source.certificate.describe("certificate") + " cannot be used: " + takeOpensslError());
    };
    // A context notices what is too weak to be used; that of the fallback must not have those of others.
    const SslContextHandle trial(SSL_CTX_new(TLS_server_method()));
    const auto addNamed = [&](const TlsIdentity& source, std::vector<std::string> own) -> Result<void> {
        auto identity = Identity::load(source, text);
        if (!identity)
            return std::move(identity).error();
        if (!identity->use(trial.get()))
            return cannotUse(source);
        if (own.empty())
            own = identity->names();
        if (own.empty())
            return Error(source.certificate.describe("certificate") + " is for no host name");
        for (const std::string& name : own) {
            if (!SniMap::valid(name))
                return Error("'" + name + "' cannot be a server's name: use example.org or *.example.org");
            names.add(name, identities.size());
        }
        identities.push_back(*std::move(identity));
        return {};
    };
    std::vector<TlsIdentity> defaults = options.identities;
    for (const SniIdentity& one : options.sni) {
        if (auto added = addNamed(one.identity, one.names); !added)
            return added;
    }
    if (!options.sniDirectory.empty()) {
        auto folder = readPemFolder(options.sniDirectory);
        if (!folder)
            return std::move(folder).error();
        for (const TlsIdentity& one : folder->named) {
            if (auto added = addNamed(one, {}); !added)
                return added;
        }
        defaults.insert(defaults.end(), folder->fallback.begin(), folder->fallback.end());
    }
    for (const TlsIdentity& one : defaults) {
        auto identity = Identity::load(one, text);
        if (!identity)
            return std::move(identity).error();
        if (!identity->use(context.get()))
            return cannotUse(one);
        identities.push_back(*std::move(identity));
    }
    fallback = !defaults.empty();
    if (identities.empty())
        return Error("a TLS server needs a certificate and its private key");
    return {};
}

Result<void> ContextState::askForClientCertificates(const ServerTlsOptions& options, std::string& text) {
    using Asks = ServerTlsOptions::ClientCertificate;
    if (options.clientCertificates == Asks::none)
        return {};
    if (options.clientCertificates == Asks::any) {
        SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, &takeAnyCertificate);
        return {};
    }
    if (options.clientCa.empty())
        return Error("client certificates are asked for, but no authority to check them with was given");
    if (auto trusted = trust(options.clientCa, "client certificate authority", text); !trusted)
        return trusted;
    const bool required = options.clientCertificates == Asks::required;
    SSL_CTX_set_verify(
        context.get(), SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), &noteVerifyError
    );
    // The client may choose among its certificates by the names of the authorities.
    STACK_OF(X509_OBJECT)* const objects = X509_STORE_get0_objects(SSL_CTX_get_cert_store(context.get()));
    for (int i = 0; i < sk_X509_OBJECT_num(objects); ++i) {
        if (X509* const authority = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i)))
            SSL_CTX_add_client_CA(context.get(), authority);
    }
    return {};
}

Result<std::shared_ptr<ContextState>>
ContextState::forServer(const ServerTlsOptions& options, std::shared_ptr<TicketKeys> tickets) {
    auto state = std::make_shared<ContextState>(true, options);
    if (auto ready = state->setUp(); !ready)
        return std::move(ready).error();
    SSL_CTX* const context = state->context.get();
    std::string text;
    if (auto asked = state->askForClientCertificates(options, text); !asked)
        return std::move(asked).error();
    // A session is good only where clients are checked in the same way; certificates of our own may change.
    text += std::to_string(static_cast<int>(options.clientCertificates));
    state->setFingerprint(text);
    SSL_CTX_set_session_id_context(context, state->fingerprint.data(), 32);
    if (auto loaded = state->loadIdentities(options, text); !loaded)
        return std::move(loaded).error();
    SSL_CTX_set_mode(context, SSL_MODE_NO_AUTO_CHAIN); // authorities of clients are none of our certificate's
    // The macro for this casts in the old style.
    SSL_CTX_callback_ctrl(
        context, SSL_CTRL_SET_TLSEXT_SERVERNAME_CB, reinterpret_cast<void (*)()>(&selectServerName)
    );
    SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    if (options.sessionTickets) {
        state->tickets = tickets ? std::move(tickets) : std::make_shared<TicketKeys>(options.ticketRotation);
        SSL_CTX_set_tlsext_ticket_key_evp_cb(context, &useTicketKey);
        SSL_CTX_set_session_ticket_cb(context, &nameSession, nullptr, nullptr);
        // Of two, the usual number, most clients use one; who resumes gets the next one then.
        SSL_CTX_set_num_tickets(context, 1);
    } else {
        SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
        SSL_CTX_set_num_tickets(context, 0);
    }
    if (!state->alpn.empty())
        SSL_CTX_set_alpn_select_cb(context, &selectAlpn, nullptr);
    state->setFingerprint(text);
    ERR_clear_error();
    return state;
}

} // namespace twistdpp::detail
