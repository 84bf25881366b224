#include "twistdpp/tls/tls_engine.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/tls/context_state.h"
#include "twistdpp/tls/engine_bio.h"
#include "twistdpp/tls/tls_errors.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace twistdpp::detail {

namespace {

std::string subjectOf(const X509* certificate) {
    const BioHandle out(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(out.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
    char* text = nullptr;
    const long length = BIO_get_mem_data(out.get(), &text);
    return std::string(text, length > 0 ? static_cast<std::size_t>(length) : 0);
}

// OpenSSL's macro for this casts in the old style.
bool setServerName(SSL* ssl, std::string host) {
    return SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, host.data()) == 1;
}

bool isIpAddress(const std::string& host) {
    return static_cast<bool>(Address::parse(host, 0));
}

} // namespace

TlsEngine::TlsEngine(
    std::shared_ptr<ContextState> context, bool server, std::string_view hostname, RecordSink& sink
)
    : context_(std::move(context)), sink_(sink), server_(server) {
    if (context_->server != server) {
        error_ = server ? "a client's TLS settings were given to a server"
                        : "a server's TLS settings were given to a client";
        return;
    }
    state_.hostname = ascii::toLower(hostname);
    if (state_.hostname.ends_with('.'))
        state_.hostname.pop_back();
    ERR_clear_error();
    ssl_.reset(SSL_new(context_->context.get()));
    bio_st* const bio = ssl_ ? makeEngineBio(*this) : nullptr;
    if (!bio) {
        ssl_.reset();
        error_ = takeOpensslError();
        return;
    }
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_app_data(ssl_.get(), &state_);
    if (server_)
        SSL_set_accept_state(ssl_.get());
    else
        prepareClient();
}

TlsEngine::~TlsEngine() {
    // A connection that was cut must not spoil the session for the next one.
    if (ssl_)
        SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    ssl_.reset();
    ERR_clear_error();
}

void TlsEngine::giveNoTickets() noexcept {
    if (ssl_)
        SSL_set_num_tickets(ssl_.get(), 0);
}

void TlsEngine::giveTicket() noexcept {
    if (ssl_ && SSL_version(ssl_.get()) >= TLS1_3_VERSION)
        SSL_new_session_ticket(ssl_.get());
    ERR_clear_error();
}

void TlsEngine::resume(const TlsEngine& first) {
    const SSL_SESSION* const session = first.ssl_ ? SSL_get_session(first.ssl_.get()) : nullptr;
    // A copy, as OpenSSL marks a session that was resumed as used up, and `first` may be resumed more often.
    const SessionHandle copy(session ? SSL_SESSION_dup(session) : nullptr);
    if (ssl_ && copy)
        SSL_set_session(ssl_.get(), copy.get());
    ERR_clear_error();
}

void TlsEngine::prepareClient() {
    SSL* const ssl = ssl_.get();
    SSL_set_connect_state(ssl);
    const std::string& host = state_.hostname;
    if (host.empty()) {
        if (context_->checkHostname)
            error_ = "there is no host name to check the peer's certificate against";
        return;
    }
    const bool address = isIpAddress(host);
    // RFC 6066 section 3: names only.
    if (!address && !setServerName(ssl, host))
        error_ = "'" + host + "' cannot be a host's name";
    if (context_->checkHostname) {
        X509_VERIFY_PARAM* const check = SSL_get0_param(ssl);
        X509_VERIFY_PARAM_set_hostflags(check, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        const int set = address ? X509_VERIFY_PARAM_set1_ip_asc(check, host.c_str())
                                : X509_VERIFY_PARAM_set1_host(check, host.data(), host.size());
        if (set != 1)
            error_ = "'" + host + "' cannot be checked against a certificate";
    }
    if (context_->sessions) {
        if (const SessionHandle session = context_->sessions->take(host))
            SSL_set_session(ssl, session.get());
    }
    ERR_clear_error();
}

void TlsEngine::noteError() {
    const unsigned long first = ERR_peek_error();
    const int reason = ERR_GET_REASON(first);
    ERR_clear_error();
    if (state_.verifyError != X509_V_OK && reason == SSL_R_CERTIFICATE_VERIFY_FAILED) {
        error_ =
            std::string("certificate verify failed: ") + X509_verify_cert_error_string(state_.verifyError);
        if (state_.verifyError == X509_V_ERR_HOSTNAME_MISMATCH ||
            state_.verifyError == X509_V_ERR_IP_ADDRESS_MISMATCH)
            error_ += ": it is for " +
                      (state_.verifyNames.empty() ? state_.verifySubject : state_.verifyNames) +
                      " and not for '" + state_.hostname + "'";
        else
            error_ += " (" + state_.verifySubject + ")";
        return;
    }
    state_.verifyError = X509_V_OK;
    // OpenSSL tells an alert of the peer by its number above SSL_AD_REASON_OFFSET.
    if (ERR_GET_LIB(first) == ERR_LIB_SSL && reason > SSL_AD_REASON_OFFSET &&
        reason < SSL_AD_REASON_OFFSET + 256)
        error_ = std::string("the peer sent the alert '") +
                 SSL_alert_desc_string_long(reason - SSL_AD_REASON_OFFSET) + "'";
    else if (const char* words = first != 0 ? ERR_reason_error_string(first) : nullptr)
        error_ = words;
    else
        error_ = "protocol error";
}

TlsEngine::Step TlsEngine::outcome(int result) {
    if (result > 0)
        return Step::done;
    switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
        return Step::wantsMore;
    case SSL_ERROR_ZERO_RETURN:
        if (established_)
            return Step::closed;
        error_ = "the peer closed it";
        return Step::failed;
    default:
        noteError();
        return Step::failed;
    }
}

TlsEngine::Step TlsEngine::handshake() {
    if (!ssl_ || !error_.empty())
        return Step::failed;
    ERR_clear_error();
    const Step step = outcome(SSL_do_handshake(ssl_.get()));
    established_ = step == Step::done;
    return step;
}

TlsEngine::Step TlsEngine::read(char* to, std::size_t room, std::size_t& got) {
    got = 0;
    ERR_clear_error();
    const int result = SSL_read_ex(ssl_.get(), to, room, &got);
    return outcome(result);
}

bool TlsEngine::write(Bytes plain) {
    ERR_clear_error();
    std::size_t written = 0;
    const int result = SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &written);
    if (result == 1)
        return true;
    noteError();
    return false;
}

void TlsEngine::sendCloseNotify() {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
}

TlsInfo TlsEngine::info() const {
    const SSL* const ssl = ssl_.get();
    TlsInfo info;
    info.version = SSL_get_version(ssl);
    info.cipher = SSL_get_cipher_name(ssl);
    const unsigned char* protocol = nullptr;
    unsigned length = 0;
    SSL_get0_alpn_selected(ssl, &protocol, &length);
    if (length > 0)
        info.alpn.assign(reinterpret_cast<const char*>(protocol), length);
    if (const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name))
        info.serverName = name;
    info.resumed = SSL_session_reused(ssl) == 1;
    void* origin = nullptr;
    std::size_t originSize = 0;
    SSL_SESSION* const session = SSL_get_session(ssl);
    if (session && SSL_SESSION_get0_ticket_appdata(session, &origin, &originSize) == 1 && originSize > 0)
        info.origin.assign(static_cast<const char*>(origin), originSize);
    X509* const certificate = SSL_get0_peer_certificate(ssl);
    if (certificate && SSL_get_verify_mode(ssl) != SSL_VERIFY_NONE &&
        SSL_get_verify_result(ssl) == X509_V_OK) {
        if (const int size = i2d_X509(certificate, nullptr); size > 0) {
            info.peerCertificate.resize(static_cast<std::size_t>(size));
            auto* to = reinterpret_cast<unsigned char*>(info.peerCertificate.data());
            i2d_X509(certificate, &to);
        }
        info.peerSubject = subjectOf(certificate);
    }
    return info;
}

std::string TlsEngine::who(const Address& peer) const {
    const std::string address = peer.toString();
    if (state_.hostname.empty() || address == state_.hostname)
        return address;
    return state_.hostname + " (" + address + ")";
}

Failure TlsEngine::failure(const Address& peer) const {
    if (established_)
        return TlsError("TLS with " + who(peer) + ": " + error_);
    const std::string text = "TLS handshake with " + who(peer) + " failed: " + error_;
    if (state_.verifyError != X509_V_OK) {
        const bool wrongHost = state_.verifyError == X509_V_ERR_HOSTNAME_MISMATCH ||
                               state_.verifyError == X509_V_ERR_IP_ADDRESS_MISMATCH;
        return TlsCertificateError(text, wrongHost);
    }
    return TlsHandshakeError(text);
}

} // namespace twistdpp::detail
