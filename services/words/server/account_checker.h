#pragma once
#include "twistdpp/cred/check_queue.h"
#include "twistdpp/cred/checker.h"

#include <memory>

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

    CredentialKinds kinds() const noexcept override { return CredentialKind::password; }
    Deferred<AvatarId> requestAvatarId(const Credentials& credentials) override;

private:
    std::shared_ptr<CheckQueue> hashing_;
    Store& store_;
};

} // namespace twistdpp::words
