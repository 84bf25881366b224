#pragma once
#include "twistdpp/cred/check_queue.h"
#include "twistdpp/cred/checker.h"
#include "twistdpp/cred/password_hash.h"

#include <memory>
#include <string>
#include <unordered_map>

namespace twistdpp::words {

/// Judges names and passwords by a fixed table of hashes: operators, and the server's password under the
/// empty name. Hashes are computed off the reactor's thread.
class PasswordChecker final : public Checker {
public:
    using Table = std::unordered_map<std::string, PasswordHash>;

    PasswordChecker(Reactor& reactor, Table table);

    CredentialKinds kinds() const noexcept override { return CredentialKind::password; }
    Deferred<AvatarId> requestAvatarId(const Credentials& credentials) override;

private:
    std::shared_ptr<CheckQueue> hashing_;
    std::shared_ptr<const Table> table_;
    PasswordHash decoy_;
};

} // namespace twistdpp::words
