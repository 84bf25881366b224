#pragma once
#include <memory>
#include <string>

// OpenSSL's types by their tags, so that headers need not include OpenSSL's.
struct bio_st;
struct evp_pkey_st;
struct ssl_ctx_st;
struct ssl_session_st;
struct ssl_st;
struct x509_st;

/// Ownership of OpenSSL's objects, for the files of this folder only.
namespace twistdpp::detail {

struct OpensslFree {
    void operator()(bio_st* object) const noexcept;
    void operator()(evp_pkey_st* object) const noexcept;
    void operator()(ssl_ctx_st* object) const noexcept;
    void operator()(ssl_session_st* object) const noexcept;
    void operator()(ssl_st* object) const noexcept;
    void operator()(x509_st* object) const noexcept;
};

using BioHandle = std::unique_ptr<bio_st, OpensslFree>;
using KeyHandle = std::unique_ptr<evp_pkey_st, OpensslFree>;
using SslContextHandle = std::unique_ptr<ssl_ctx_st, OpensslFree>;
using SessionHandle = std::unique_ptr<ssl_session_st, OpensslFree>;
using SslHandle = std::unique_ptr<ssl_st, OpensslFree>;
using CertificateHandle = std::unique_ptr<x509_st, OpensslFree>;

/// What OpenSSL says of the last thing that went wrong on this thread, in its words; empties its queue.
std::string takeOpensslError();

} // namespace twistdpp::detail
