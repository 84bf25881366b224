#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/tls/tls_options.h"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace twistdpp {

/// A certificate and its private key, both as PEM text.
struct PemPair {
    std::string certificate;
    std::string privateKey;

    TlsIdentity identity() const { return TlsIdentity(Pem::text(certificate), Pem::text(privateKey)); }
};

/// What a certificate shall say. For tests, first start and small authorities of one's own.
struct CertificateSpec {
    explicit CertificateSpec(std::vector<std::string> n) : names(std::move(n)) {}

    /// DNS names and IP addresses it is for; the first is the common name too.
    std::vector<std::string> names;
    /// When it begins and ends to be valid, seen from now. It begins early, for clocks that are slow.
    std::chrono::seconds notBefore = std::chrono::hours(-1);
    std::chrono::seconds notAfter = std::chrono::hours(24 * 365);
    bool authority = false; // may sign others
    bool rsa = false;       // RSA 2048 in place of ECDSA P-256
    /// Who signs it; nullptr: itself.
    const PemPair* issuer = nullptr;
};

Result<PemPair> makeCertificate(const CertificateSpec& spec);

/// A certificate for `names`, signed by itself, with a new ECDSA P-256 key; valid for a year.
Result<PemPair> makeSelfSigned(std::vector<std::string> names);

} // namespace twistdpp
