#include "twistdpp/dns_wire/digest.h"

// The plain functions of SHA-1 are the only ones that allocate nothing for each call.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <cstdlib>

namespace twistdpp::dns {

namespace {

const char* hashName(Hash hash) noexcept {
    constexpr const char* kNames[] = {"SHA1", "SHA224", "SHA256", "SHA384", "SHA512"};
    return kNames[static_cast<unsigned>(hash)];
}

const unsigned char* unsignedBytes(Bytes bytes) noexcept {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

/// Looked up once: that is slower than a short code itself.
EVP_MAC* hmac() noexcept {
    static EVP_MAC* const found = ::EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr);
    return found;
}

} // namespace

Hmac::Hmac(Hash hash, Bytes key) : context_(::EVP_MAC_CTX_new(hmac())), good_(context_ != nullptr) {
    // The library takes the name as char*, and leaves it alone.
    OSSL_PARAM parameters[] = {
        ::OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>(hashName(hash)), 0),
        ::OSSL_PARAM_construct_end()};
    good_ = good_ && ::EVP_MAC_init(context_, unsignedBytes(key), key.size(), parameters) == 1;
}

Hmac::~Hmac() {
    ::EVP_MAC_CTX_free(context_);
}

void Hmac::add(Bytes part) noexcept {
    good_ = good_ && ::EVP_MAC_update(context_, unsignedBytes(part), part.size()) == 1;
}

Digest Hmac::finish() noexcept {
    std::array<unsigned char, kMaxDigest> code;
    std::size_t size = 0;
    good_ = good_ && ::EVP_MAC_final(context_, code.data(), &size, code.size()) == 1;
    return good_ ? Digest({reinterpret_cast<const char*>(code.data()), size}) : Digest();
}

Digest digest(Hash hash, Bytes data) noexcept {
    std::array<unsigned char, kMaxDigest> sum;
    std::size_t size = 0;
    if (::EVP_Q_digest(nullptr, hashName(hash), nullptr, data.data(), data.size(), sum.data(), &size) != 1)
        return {};
    return Digest({reinterpret_cast<const char*>(sum.data()), size});
}

bool equalInConstantTime(Bytes a, Bytes b) noexcept {
    return a.size() == b.size() && ::CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void wipe(std::string& secret) noexcept {
    ::OPENSSL_cleanse(secret.data(), secret.size());
    secret.clear();
}

void randomBytes(std::span<char> to) noexcept {
    if (::RAND_bytes(reinterpret_cast<unsigned char*>(to.data()), static_cast<int>(to.size())) != 1)
        std::abort();
}

void nsec3Hash(Bytes name, Bytes salt, unsigned iterations, std::array<char, 20>& to) noexcept {
    for (unsigned round = 0; round <= iterations; ++round) {
        const Bytes input = round == 0 ? name : Bytes(to.data(), to.size());
        ::SHA_CTX context;
        ::SHA1_Init(&context);
        ::SHA1_Update(&context, input.data(), input.size());
        ::SHA1_Update(&context, salt.data(), salt.size());
        ::SHA1_Final(reinterpret_cast<unsigned char*>(to.data()), &context);
    }
}

} // namespace twistdpp::dns
