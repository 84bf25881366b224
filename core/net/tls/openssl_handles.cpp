#include "twistdpp/tls/openssl_handles.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace twistdpp::detail {

void OpensslFree::operator()(bio_st* object) const noexcept {
    BIO_free_all(object);
}
void OpensslFree::operator()(evp_pkey_st* object) const noexcept {
    EVP_PKEY_free(object);
}
void OpensslFree::operator()(ssl_ctx_st* object) const noexcept {
    SSL_CTX_free(object);
}
void OpensslFree::operator()(ssl_session_st* object) const noexcept {
    SSL_SESSION_free(object);
}
void OpensslFree::operator()(ssl_st* object) const noexcept {
    SSL_free(object);
}
void OpensslFree::operator()(x509_st* object) const noexcept {
    X509_free(object);
}

std::string takeOpensslError() {
    const unsigned long first = ERR_peek_error();
    ERR_clear_error();
    if (first == 0)
        return "unknown error";
    if (const char* reason = ERR_reason_error_string(first))
        return reason;
    char text[160];
    ERR_error_string_n(first, text, sizeof text);
    return text;
}

} // namespace twistdpp::detail
