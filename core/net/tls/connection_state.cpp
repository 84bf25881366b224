#include "twistdpp/tls/connection_state.h"

#include "twistdpp/tls/openssl_handles.h"

#include <memory>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace twistdpp::detail {

namespace {

std::string nameOf(const X509_NAME* name) {
    const BioHandle out(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    char* text = nullptr;
    const long length = BIO_get_mem_data(out.get(), &text);
    return std::string(text, length > 0 ? static_cast<std::size_t>(length) : 0);
}

std::string alternativeNames(const X509* certificate) {
    auto* const names =
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
    const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> owner(names, &GENERAL_NAMES_free);
    std::string list;
    const int count = sk_GENERAL_NAME_num(names);
    for (int i = 0; i < count; ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
        std::string one;
        if (name->type == GEN_DNS) {
            const auto* const text = reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName));
            // Someone else's bytes go into a line of the log.
            for (const char c :
                 std::string(text, static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName))))
                one += c > ' ' && c < 0x7f ? c : '?';
        } else if (name->type == GEN_IPADD) {
            const BioHandle out(BIO_new(BIO_s_mem()));
            GENERAL_NAME_print(out.get(), const_cast<GENERAL_NAME*>(name));
            char* text = nullptr;
            const long length = BIO_get_mem_data(out.get(), &text);
            one.assign(text, length > 0 ? static_cast<std::size_t>(length) : 0);
        } else {
            continue;
        }
        if (list.size() + one.size() > 200)
            return list + ", ...";
        list.append(list.empty() ? "" : ", ").append(one);
    }
    return list;
}

} // namespace

ConnectionState* connectionStateOf(const ssl_st* connection) {
    return static_cast<ConnectionState*>(SSL_get_app_data(connection));
}

int takeAnyCertificate(int, x509_store_ctx_st* verification) {
    X509_STORE_CTX_set_error(verification, X509_V_OK);
    return 1;
}

int noteVerifyError(int good, x509_store_ctx_st* verification) {
    const auto* const connection =
        static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx())
        );
    ConnectionState* const state = connectionStateOf(connection);
    if (good == 1 || !state || state->verifyError != X509_V_OK)
        return good;
    state->verifyError = X509_STORE_CTX_get_error(verification);
    if (X509* const certificate = X509_STORE_CTX_get_current_cert(verification)) {
        state->verifySubject = nameOf(X509_get_subject_name(certificate));
        if (state->verifySubject.empty())
            state->verifySubject = "no name";
    }
    if (X509* const own = X509_STORE_CTX_get0_cert(verification))
        state->verifyNames = alternativeNames(own);
    return good;
}

} // namespace twistdpp::detail
