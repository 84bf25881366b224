#include "twistdpp/mail_proof/dkim_key.h"

#include "twistdpp/base/base64.h"
#include "twistdpp/cred/password_digest.h"

#include <cerrno>
#include <cstdio>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace twistdpp::mail {

namespace {

constexpr int kShortest = 1024; // bits of an RSA key (RFC 8301)

struct FreeKey {
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};
using KeyHandle = std::unique_ptr<EVP_PKEY, FreeKey>;
struct FreeContext {
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};
struct CloseFile {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

const unsigned char* bytesOf(Bytes text) noexcept {
    return reinterpret_cast<const unsigned char*>(text.data());
}

bool isEd25519(const EVP_PKEY* key) noexcept {
    return EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519;
}

KeyHandle publicKeyOf(bool ed25519, Bytes bytes) {
    if (ed25519)
        return KeyHandle(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytesOf(bytes), bytes.size())
        );
    const unsigned char* at = bytesOf(bytes);
    const auto size = static_cast<long>(bytes.size());
    if (KeyHandle key(d2i_PUBKEY(nullptr, &at, size)); key)
        return key;
    at = bytesOf(bytes);
    return KeyHandle(d2i_PublicKey(EVP_PKEY_RSA, nullptr, &at, size));
}

int noPassword(char*, int, int, void*) {
    return 0;
}

} // namespace

struct DkimKey::Key {
    KeyHandle handle;
};

DkimKey::DkimKey(std::unique_ptr<Key> key) noexcept : key_(std::move(key)) {}
DkimKey::DkimKey(DkimKey&&) noexcept = default;
DkimKey& DkimKey::operator=(DkimKey&&) noexcept = default;
DkimKey::~DkimKey() = default;

Result<DkimKey> DkimKey::load(const std::string& path) {
    const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "re"));
    if (!file)
        return Error::fromErrno(errno, "cannot read " + path);
    KeyHandle key(PEM_read_PrivateKey(file.get(), nullptr, noPassword, nullptr));
    if (!key)
        return Error(path + " has no private key in PEM, or it has a password");
    const int kind = EVP_PKEY_get_base_id(key.get());
    if (kind != EVP_PKEY_RSA && kind != EVP_PKEY_ED25519)
        return Error(path + " has a key that is neither RSA nor Ed25519");
    if (kind == EVP_PKEY_RSA && EVP_PKEY_get_bits(key.get()) < kShortest)
        return Error(path + " has a key of less than 1024 bits, which others do not take");
    return DkimKey(std::make_unique<Key>(Key{std::move(key)}));
}

Bytes DkimKey::algorithm() const noexcept {
    return isEd25519(key_->handle.get()) ? "ed25519-sha256" : "rsa-sha256";
}

Result<std::string> DkimKey::sign(Bytes text) const {
    // RFC 8463 section 3: Ed25519 signs the hash.
    const bool ed25519 = isEd25519(key_->handle.get());
    const std::string hash = ed25519 ? sha256(text) : std::string();
    const Bytes signedText = ed25519 ? Bytes(hash) : text;
    const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
    std::size_t size = 0;
    std::string out;
    if (context &&
        EVP_DigestSignInit(
            context.get(), nullptr, ed25519 ? nullptr : EVP_sha256(), nullptr, key_->handle.get()
        ) == 1 &&
        EVP_DigestSign(context.get(), nullptr, &size, bytesOf(signedText), signedText.size()) == 1) {
        out.resize(size);
        if (EVP_DigestSign(
                context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, bytesOf(signedText),
                signedText.size()
            ) == 1) {
            out.resize(size);
            return out;
        }
    }
    return Error("the key cannot sign");
}

std::string DkimKey::record() const {
    if (isEd25519(key_->handle.get())) {
        std::string raw(32, '\0');
        std::size_t size = raw.size();
        EVP_PKEY_get_raw_public_key(key_->handle.get(), reinterpret_cast<unsigned char*>(raw.data()), &size);
        return "v=DKIM1; k=ed25519; p=" + toBase64(raw);
    }
    const int size = i2d_PUBKEY(key_->handle.get(), nullptr);
    std::string der(static_cast<std::size_t>(size > 0 ? size : 0), '\0');
    auto* at = reinterpret_cast<unsigned char*>(der.data());
    i2d_PUBKEY(key_->handle.get(), &at);
    return "v=DKIM1; k=rsa; p=" + toBase64(der);
}

KeyMatch matchSignature(Bytes algorithm, Bytes publicKey, Bytes text, Bytes signature) {
    const bool ed25519 = algorithm == "ed25519-sha256";
    const KeyHandle key = publicKeyOf(ed25519, publicKey);
    if (!key || (!ed25519 && EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA))
        return KeyMatch::noKey;
    if (!ed25519 && EVP_PKEY_get_bits(key.get()) < kShortest)
        return KeyMatch::tooShort;
    const std::string hash = ed25519 ? sha256(text) : std::string();
    const Bytes signedText = ed25519 ? Bytes(hash) : text;
    const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
    const bool good =
        context &&
        EVP_DigestVerifyInit(context.get(), nullptr, ed25519 ? nullptr : EVP_sha256(), nullptr, key.get()) ==
            1 &&
        EVP_DigestVerify(
            context.get(), bytesOf(signature), signature.size(), bytesOf(signedText), signedText.size()
        ) == 1;
    return good ? KeyMatch::good : KeyMatch::bad;
}

} // namespace twistdpp::mail
