#pragma once
#include "twistdpp/cred/check_queue.h"
#include "twistdpp/cred/checker.h"
#include "twistdpp/cred/password_hash.h"
#include "twistdpp/cred/scram.h"

#include <memory>
#include <string>

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
        return CredentialKind::password | CredentialKind::scram | CredentialKind::certificate;
    }
    Deferred<ScramOffer> scramKeys(const std::string& user) override;
    Deferred<AvatarId> requestAvatarId(const Credentials& credentials) override;

private:
    Deferred<AvatarId> judge(const ScramProof& proof) const;
    Deferred<AvatarId> judge(const ClientCertificate& shown) const;
    ScramOffer offer(const std::string& user) const;

    std::shared_ptr<CheckQueue> hashing_;
    Store& store_;
    PasswordHash decoy_;
};

} // namespace twistdpp::words
