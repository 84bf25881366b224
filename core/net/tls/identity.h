#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/tls/openssl_handles.h"
#include "twistdpp/tls/tls_options.h"

#include <string>
#include <vector>

namespace twistdpp::detail {

/// A TlsIdentity that was read and found good: the key belongs to the certificate.
class Identity {
public:
    /// `text` gets everything that was read appended, so that a change can be noticed later.
    static Result<Identity> load(const TlsIdentity& source, std::string& text);

    x509_st* certificate() const noexcept { return certificate_.get(); }
    evp_pkey_st* key() const noexcept { return key_.get(); }
    /// Makes it what the context, or one connection, proves itself with, beside others of other key types.
    bool use(ssl_ctx_st* context) const;
    bool use(ssl_st* connection) const;
    /// The DNS names it is for (RFC 6125), in lower case; the common name when there are none.
    std::vector<std::string> names() const;

private:
    CertificateHandle certificate_;
    KeyHandle key_;
    std::vector<CertificateHandle> chain_;
};

/// All certificates in the text; the error says `describe` and what is wrong.
Result<std::vector<CertificateHandle>>
parseCertificates(const std::string& text, const std::string& describe);

} // namespace twistdpp::detail
