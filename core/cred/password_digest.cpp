#include "twistdpp/cred/password_digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <stdexcept>

namespace twistdpp {

namespace {

const unsigned char* octets(Bytes bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data() ? bytes.data() : "");
}
unsigned char* octets(std::string& bytes) {
    return reinterpret_cast<unsigned char*>(bytes.data());
}

// These fail only when memory or the random source does, and no login may be granted then.
void require(bool done, const char* what) {
    if (!done)
        throw std::runtime_error(std::string("the cryptographic library failed at ") + what);
}

} // namespace

std::string pbkdf2Sha256(Bytes password, Bytes salt, unsigned rounds) {
    std::string out(SHA256_DIGEST_LENGTH, '\0');
    require(
        PKCS5_PBKDF2_HMAC(
            password.data() ? password.data() : "", static_cast<int>(password.size()), octets(salt),
            static_cast<int>(salt.size()), static_cast<int>(rounds), EVP_sha256(), SHA256_DIGEST_LENGTH,
            octets(out)
        ) == 1,
        "PBKDF2"
    );
    return out;
}

std::string hmacSha256(Bytes key, Bytes message) {
    std::string out(SHA256_DIGEST_LENGTH, '\0');
    require(
        HMAC(
            EVP_sha256(), octets(key), static_cast<int>(key.size()), octets(message), message.size(),
            octets(out), nullptr
        ) != nullptr,
        "HMAC"
    );
    return out;
}

std::string sha256(Bytes message) {
    std::string out(SHA256_DIGEST_LENGTH, '\0');
    SHA256(octets(message), message.size(), octets(out));
    return out;
}

std::string randomBytes(std::size_t count) {
    std::string out(count, '\0');
    require(RAND_bytes(octets(out), static_cast<int>(count)) == 1, "drawing random bytes");
    return out;
}

} // namespace twistdpp
