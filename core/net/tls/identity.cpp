#include "twistdpp/tls/identity.h"

#include "twistdpp/base/ascii.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace twistdpp::detail {

namespace {

BioHandle over(const std::string& text) {
    return BioHandle(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

/// OpenSSL asks for a password: the key is encrypted, and a daemon has nobody to ask.
int noteEncrypted(char*, int, int, void* encrypted) {
    *static_cast<bool*>(encrypted) = true;
    return -1;
}

/// Whether reading has stopped because no further PEM block is there, and not for damage.
bool endOfPem() {
    const unsigned long error = ERR_peek_last_error();
    ERR_clear_error();
    return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

Result<KeyHandle> parseKey(const std::string& text, const std::string& where, const Pem& source) {
    bool encrypted = false;
    ERR_clear_error();
    KeyHandle key(PEM_read_bio_PrivateKey(over(text).get(), nullptr, &noteEncrypted, &encrypted));
    if (key)
        return key;
    if (encrypted) {
        ERR_clear_error();
        const std::string file = source.isFile() ? std::string(source.path()) : "key.pem";
        return Error(where + " is encrypted; decrypt it: openssl pkey -in " + file + " -out new.pem");
    }
    ERR_clear_error();
    if (text.find("PRIVATE KEY-----") == std::string::npos)
        return Error(where + " holds no private key in PEM form (-----BEGIN PRIVATE KEY-----)");
    return Error(where + " holds a damaged private key");
}

/// Passed to OpenSSL for the length of one call; the certificates stay ours.
struct Stack {
    explicit Stack(const std::vector<CertificateHandle>& chain) : list(sk_X509_new_null()) {
        for (const CertificateHandle& one : chain)
            sk_X509_push(list, one.get());
    }
    ~Stack() { sk_X509_free(list); }
    Stack(const Stack&) = delete;
    Stack& operator=(const Stack&) = delete;
    STACK_OF(X509) * list;
};

} // namespace

Result<std::vector<CertificateHandle>>
parseCertificates(const std::string& text, const std::string& describe) {
    std::vector<CertificateHandle> found;
    const BioHandle input = over(text);
    ERR_clear_error();
    for (;;) {
        // "Trusted" certificates and such are read too; keys and parameters in between are skipped.
        CertificateHandle one(PEM_read_bio_X509_AUX(input.get(), nullptr, nullptr, nullptr));
        if (!one)
            break;
        found.push_back(std::move(one));
    }
    if (!endOfPem())
        return Error(describe + " holds a damaged certificate");
    if (found.empty())
        return Error(describe + " holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)");
    return found;
}

Result<Identity> Identity::load(const TlsIdentity& source, std::string& text) {
    const std::string certificateIs = source.certificate.describe("certificate");
    auto certificateText = source.certificate.read("certificate");
    if (!certificateText)
        return std::move(certificateText).error();
    text += *certificateText;
    auto chain = parseCertificates(*certificateText, certificateIs);
    if (!chain)
        return std::move(chain).error();

    const bool apart = !source.privateKey.empty();
    auto keyText = apart ? source.privateKey.read("private key") : certificateText;
    if (!keyText)
        return std::move(keyText).error();
    text += *keyText;
    const std::string keyIs = apart ? source.privateKey.describe("private key") : certificateIs;
    auto key = parseKey(*keyText, keyIs, apart ? source.privateKey : source.certificate);
    if (!key)
        return std::move(key).error();

    Identity made;
    made.certificate_ = std::move(chain->front());
    made.key_ = *std::move(key);
    if (X509_check_private_key(made.certificate_.get(), made.key_.get()) != 1) {
        ERR_clear_error();
        return Error(
            apart ? keyIs + " does not belong to " + certificateIs
                  : certificateIs + " holds a private key that does not belong to the certificate"
        );
    }
    for (std::size_t i = 1; i < chain->size(); ++i)
        made.chain_.push_back(std::move((*chain)[i]));
    if (!source.extraChain.empty()) {
        auto extraText = source.extraChain.read("certificate chain");
        if (!extraText)
            return std::move(extraText).error();
        text += *extraText;
        auto extra = parseCertificates(*extraText, source.extraChain.describe("certificate chain"));
        if (!extra)
            return std::move(extra).error();
        for (CertificateHandle& one : *extra)
            made.chain_.push_back(std::move(one));
    }
    return made;
}

bool Identity::use(ssl_ctx_st* context) const {
    const Stack chain(chain_);
    return SSL_CTX_use_cert_and_key(context, certificate_.get(), key_.get(), chain.list, 1) == 1;
}

bool Identity::use(ssl_st* connection) const {
    const Stack chain(chain_);
    return SSL_use_cert_and_key(connection, certificate_.get(), key_.get(), chain.list, 1) == 1;
}

std::vector<std::string> Identity::names() const {
    std::vector<std::string> found;
    auto* const alternatives = static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(certificate_.get(), NID_subject_alt_name, nullptr, nullptr)
    );
    for (int i = 0; i < sk_GENERAL_NAME_num(alternatives); ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(alternatives, i);
        if (name->type != GEN_DNS)
            continue;
        const auto* const text = reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName));
        const auto length = static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName));
        found.push_back(ascii::toLower(Bytes(text, length)));
    }
    GENERAL_NAMES_free(alternatives);
    if (found.empty()) {
        char common[256];
        const int length = X509_NAME_get_text_by_NID(
            X509_get_subject_name(certificate_.get()), NID_commonName, common, sizeof common
        );
        if (length > 0)
            found.push_back(ascii::toLower(Bytes(common, static_cast<std::size_t>(length))));
    }
    ERR_clear_error();
    return found;
}

} // namespace twistdpp::detail
