#include "twistdpp/cred/secret.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <cstring>

namespace twistdpp {

Secret::Secret(Bytes bytes) : bytes_(new char[bytes.size() + 1]), size_(bytes.size()) {
    std::memcpy(bytes_.get(), bytes.data() ? bytes.data() : "", size_);
    bytes_[size_] = '\0';
}

Secret::~Secret() {
    if (bytes_)
        wipe(bytes_.get(), size_);
}

void wipe(void* bytes, std::size_t size) noexcept {
    OPENSSL_cleanse(bytes, size);
}

bool constantTimeEquals(Bytes expected, Bytes given) noexcept {
    // Digests are of one length, so that the comparison does not depend on that of the inputs.
    unsigned char digests[2][SHA256_DIGEST_LENGTH];
    const auto digest = [](Bytes of, unsigned char* to) {
        SHA256(reinterpret_cast<const unsigned char*>(of.data() ? of.data() : ""), of.size(), to);
    };
    digest(expected, digests[0]);
    digest(given, digests[1]);
    const bool same = CRYPTO_memcmp(digests[0], digests[1], sizeof digests[0]) == 0;
    wipe(digests, sizeof digests);
    return same;
}

} // namespace twistdpp
