#pragma once
#include "twistdpp/cred/check_queue.h"
#include "twistdpp/cred/checker.h"
#include "twistdpp/cred/password_hash.h"
#include "twistdpp/cred/scram.h"

#include <memory>
#include <optional>

namespace twistdpp {
class Reactor;
}

namespace twistdpp::words {

class Store;

/// Judges names and passwords by the accounts that people have made on this server. Hashes are computed off
/// the reactor's thread.
class AccountChecker final : public Checker {
public:
    /// `store` outlives it.
    AccountChecker(Reactor& reactor, Store& store);

    CredentialKinds kinds() const noexcept override {
        return CredentialKind::password | CredentialKind::scram;
    }
    Deferred<AvatarId> requestAvatarId(const Credentials& credentials) override;

private:
    Deferred<AvatarId> judge(const ScramProof& proof) const;

    std::shared_ptr<CheckQueue> hashing_;
    Store& store_;
    PasswordHash decoy_;
};

/// What a SCRAM login to that account needs; nothing when there is no such account.
std::optional<ScramKeys> scramKeysOf(Store& store, Bytes name);

} // namespace twistdpp::words
