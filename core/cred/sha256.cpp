#include "twistdpp/cred/sha256.h"

#include <new>
#include <openssl/evp.h>

namespace twistdpp {

struct Sha256::State {
    State() : context(EVP_MD_CTX_new()) {
        if (!context || EVP_DigestInit_ex(context, EVP_sha256(), nullptr) != 1)
            throw std::bad_alloc();
    }
    ~State() { EVP_MD_CTX_free(context); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    EVP_MD_CTX* context;
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::add(Bytes piece) {
    EVP_DigestUpdate(state_->context, piece.data(), piece.size());
}

std::string Sha256::finish() {
    std::string out(32, '\0');
    unsigned length = 0;
    EVP_DigestFinal_ex(state_->context, reinterpret_cast<unsigned char*>(out.data()), &length);
    return out;
}

} // namespace twistdpp
