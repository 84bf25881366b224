#pragma once
#include <string>

struct ssl_st;
struct x509_store_ctx_st;

namespace twistdpp::detail {

/// What OpenSSL's callbacks of one connection find again: who it is for, and why its peer was not believed.
struct ConnectionState {
    std::string hostname;      // a client's: whom it expects
    int verifyError = 0;       // X509_V_OK, or the first thing that is wrong
    std::string verifySubject; // of the certificate it is wrong with
    std::string verifyNames;   // the names of the peer's certificate, for a person to read
};

ConnectionState* connectionStateOf(const ssl_st* connection);

/// OpenSSL's verify callback where any certificate will do.
int takeAnyCertificate(int good, x509_store_ctx_st* verification);
/// OpenSSL's verify callback: notes what is wrong and changes nothing.
int noteVerifyError(int good, x509_store_ctx_st* verification);

} // namespace twistdpp::detail
