#pragma once
#include "twistdpp/cred/check_queue.h"
#include "twistdpp/cred/checker.h"
#include "twistdpp/cred/unix_accounts.h"

#include <memory>

namespace twistdpp {

/// Judges passwords by the operating system's own users, and names the user of a local process: `--auth
/// unix`. Looks up and hashes on `work`. Locked, expired and password-less accounts are refused.
class UnixChecker final : public Checker {
public:
    UnixChecker(std::shared_ptr<const UnixAccounts> accounts, std::shared_ptr<CheckQueue> work)
        : accounts_(std::move(accounts)), work_(std::move(work)) {}

    CredentialKinds kinds() const noexcept override { return CredentialKind::password | CredentialKind::uid; }
    Deferred<AvatarId> requestAvatarId(const Credentials& credentials) override;

private:
    std::shared_ptr<const UnixAccounts> accounts_;
    std::shared_ptr<CheckQueue> work_;
};

/// The id of a user of the system, with "uid", "gid", "home" and "shell".
AvatarId avatarIdOf(const UnixAccount& account, std::string_view checker);

} // namespace twistdpp
