#include "twistdpp/cred/challenge_response.h"

#include "twistdpp/base/hex.h"
#include "twistdpp/cred/password_digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <ctime>

namespace twistdpp {

namespace {

constexpr std::size_t kMd5 = 16;

std::string digestFrom(std::string_view text) {
    auto digest = fromHex(text);
    return digest && digest->size() == kMd5 ? std::move(*digest) : std::string();
}

const unsigned char* octets(Bytes bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data() ? bytes.data() : "");
}

// A library that offers no MD5 (FIPS) gives an empty digest, which equals none.
std::string hmacMd5(Bytes key, Bytes message) {
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (!HMAC(
            EVP_md5(), octets(key), static_cast<int>(key.size()), octets(message), message.size(), out, &size
        ))
        return {};
    return std::string(reinterpret_cast<const char*>(out), size);
}

std::string md5(Bytes message) {
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (EVP_Digest(message.data() ? message.data() : "", message.size(), out, &size, EVP_md5(), nullptr) != 1)
        return {};
    return std::string(reinterpret_cast<const char*>(out), size);
}

std::string apopDigest(Bytes timestamp, Bytes password) {
    std::string text(timestamp);
    text.reserve(text.size() + password.size()); // no copy of the password is left behind by growing
    text.append(password);
    std::string made = md5(text);
    wipe(text.data(), text.size());
    return made;
}

bool same(const std::string& made, const std::string& given) {
    return made.size() == kMd5 && given.size() == kMd5 && constantTimeEquals(made, given);
}

} // namespace

CramMd5::CramMd5(std::string user, std::string challenge, std::string_view digest)
    : UsernameHashedPassword(std::move(user)), challenge_(std::move(challenge)), digest_(digestFrom(digest)) {
}

bool CramMd5::checkPassword(Bytes password) const {
    return same(hmacMd5(password, challenge_), digest_);
}

Apop::Apop(std::string user, std::string timestamp, std::string_view digest)
    : UsernameHashedPassword(std::move(user)), timestamp_(std::move(timestamp)), digest_(digestFrom(digest)) {
}

bool Apop::checkPassword(Bytes password) const {
    return same(apopDigest(timestamp_, password), digest_);
}

std::string apopAnswer(Bytes timestamp, Bytes password) {
    return toHex(apopDigest(timestamp, password));
}

std::string cramMd5Answer(Bytes user, Bytes password, Bytes challenge) {
    return std::string(user) + " " + toHex(hmacMd5(password, challenge));
}

std::string makeChallenge(std::string_view host) {
    return "<" + toHex(randomBytes(16)) + "." + std::to_string(std::time(nullptr)) + "@" + std::string(host) +
           ">";
}

} // namespace twistdpp
