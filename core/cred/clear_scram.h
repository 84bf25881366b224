#pragma once
#include "twistdpp/cred/check_queue.h"
#include "twistdpp/cred/scram_keys.h"
#include "twistdpp/cred/secret.h"

#include <memory>
#include <string>
#include <unordered_map>

namespace twistdpp {

/// SCRAM keys of passwords that are kept in clear. Making them costs what checking a hash costs, so they are
/// made on the pool and kept. Belongs to one reactor's thread; may die while keys are being made.
class ClearScram {
public:
    explicit ClearScram(std::shared_ptr<CheckQueue> hashing) : hashing_(std::move(hashing)) {}

    /// The keys of `user` with this password: the same as long as the password is, also after a restart.
    Deferred<ScramKeys> keys(const std::string& user, Bytes password);
    /// Those of a user whom there is not; they cost the same, and no password fits that anybody knows.
    Deferred<ScramKeys> decoy(const std::string& user) { return keys(user, nobodys_.bytes()); }

private:
    struct Made {
        Secret password;
        ScramKeys keys;
    };
    using Kept = std::unordered_map<std::string, Made>;

    std::shared_ptr<CheckQueue> hashing_;
    std::shared_ptr<Kept> kept_ = std::make_shared<Kept>();
    Secret nobodys_ = randomSecret();

    static Secret randomSecret();
};

} // namespace twistdpp
