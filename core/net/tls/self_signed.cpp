#include "twistdpp/tls/self_signed.h"

#include "twistdpp/reactor/address.h"
#include "twistdpp/tls/openssl_handles.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

namespace twistdpp {

namespace {

using detail::BioHandle;
using detail::CertificateHandle;
using detail::KeyHandle;

Error failed() {
    return Error("cannot make a certificate: " + detail::takeOpensslError());
}

bool addExtension(X509* certificate, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    const bool added = extension && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added;
}

std::string text(const BioHandle& memory) {
    char* data = nullptr;
    const long length = BIO_get_mem_data(memory.get(), &data);
    return std::string(data, static_cast<std::size_t>(length));
}

/// "DNS:a.example,IP:::1"; nothing when a name would need quoting.
Result<std::string> alternativeNames(const std::vector<std::string>& names) {
    std::string list;
    for (const std::string& name : names) {
        if (name.empty() || name.find_first_of(", \t\r\n;:=") != std::string::npos) {
            if (!Address::parse(name, 0))
                return Error("'" + name + "' cannot be the name of a certificate");
        }
        list.append(list.empty() ? "" : ",").append(Address::parse(name, 0) ? "IP:" : "DNS:").append(name);
    }
    return list;
}

} // namespace

Result<PemPair> makeCertificate(const CertificateSpec& spec) {
    if (spec.names.empty())
        return Error("a certificate needs a name");
    auto names = alternativeNames(spec.names);
    if (!names)
        return std::move(names).error();
    ERR_clear_error();
    const KeyHandle key(spec.rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"));
    const CertificateHandle made(X509_new());
    if (!key || !made)
        return failed();
    CertificateHandle issuer;
    KeyHandle issuerKey;
    if (spec.issuer) {
        const BioHandle certificate(BIO_new_mem_buf(spec.issuer->certificate.c_str(), -1));
        const BioHandle pem(BIO_new_mem_buf(spec.issuer->privateKey.c_str(), -1));
        issuer.reset(PEM_read_bio_X509(certificate.get(), nullptr, nullptr, nullptr));
        issuerKey.reset(PEM_read_bio_PrivateKey(pem.get(), nullptr, nullptr, nullptr));
        if (!issuer || !issuerKey)
            return failed();
    }
    X509* const certificate = made.get();
    X509* const by = issuer ? issuer.get() : certificate;
    unsigned char serial[16];
    if (RAND_bytes(serial, sizeof serial) != 1)
        return failed();
    serial[0] &= 0x7f; // positive, RFC 5280 section 4.1.2.2
    serial[0] |= 0x40;
    BIGNUM* const number = BN_bin2bn(serial, sizeof serial, nullptr);
    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
    BN_free(number);
    X509_NAME* const subject = X509_get_subject_name(certificate);
    const std::string common = spec.names.front().substr(0, 64);
    const bool filled =
        X509_set_version(certificate, X509_VERSION_3) == 1 &&
        X509_gmtime_adj(X509_getm_notBefore(certificate), spec.notBefore.count()) &&
        X509_gmtime_adj(X509_getm_notAfter(certificate), spec.notAfter.count()) &&
        X509_set_pubkey(certificate, key.get()) == 1 &&
        X509_NAME_add_entry_by_txt(
            subject, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(common.c_str()), -1, -1, 0
        ) == 1 &&
        X509_set_issuer_name(certificate, X509_get_subject_name(by)) == 1 &&
        addExtension(certificate, by, NID_subject_key_identifier, "hash") &&
        addExtension(
            certificate, by, NID_basic_constraints, spec.authority ? "critical,CA:TRUE" : "critical,CA:FALSE"
        ) &&
        addExtension(
            certificate, by, NID_key_usage,
            spec.authority ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature"
        ) &&
        (spec.authority || (addExtension(certificate, by, NID_ext_key_usage, "serverAuth,clientAuth") &&
                            addExtension(certificate, by, NID_subject_alt_name, *names))) &&
        X509_sign(certificate, issuerKey ? issuerKey.get() : key.get(), EVP_sha256()) > 0;
    const BioHandle certificatePem(BIO_new(BIO_s_mem()));
    const BioHandle keyPem(BIO_new(BIO_s_mem()));
    if (!filled || PEM_write_bio_X509(certificatePem.get(), certificate) != 1 ||
        PEM_write_bio_PKCS8PrivateKey(keyPem.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
        return failed();
    PemPair pair;
    pair.certificate = text(certificatePem);
    pair.privateKey = text(keyPem);
    return pair;
}

Result<PemPair> makeSelfSigned(std::vector<std::string> names) {
    return makeCertificate(CertificateSpec(std::move(names)));
}

} // namespace twistdpp
