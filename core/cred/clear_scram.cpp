#include "twistdpp/cred/clear_scram.h"

#include "twistdpp/cred/machine_secret.h"
#include "twistdpp/cred/password_digest.h"
#include "twistdpp/cred/password_hash.h"

namespace twistdpp {

namespace {

// More names than that are somebody's guesses.
constexpr std::size_t kMostKept = 4096;

} // namespace

Secret ClearScram::randomSecret() {
    return Secret(randomBytes(32));
}

Deferred<ScramKeys> ClearScram::keys(const std::string& user, Bytes password) {
    const auto found = kept_->find(user);
    if (found != kept_->end() && constantTimeEquals(found->second.password.bytes(), password))
        return found->second.keys;
    const auto made = std::make_shared<Made>(Made{Secret(password), {}});
    return hashing_
        ->run([made, user] {
            std::string salt = hmacSha256(machineSecret(), "salt " + user).substr(0, 16);
            made->keys = ScramKeys::of(made->password.bytes(), std::move(salt), PasswordHash::kNewRounds);
        })
        .addCallback([made, user, kept = kept_] {
            if (kept->size() >= kMostKept)
                kept->clear();
            kept->insert_or_assign(user, *made);
            return made->keys;
        });
}

} // namespace twistdpp
