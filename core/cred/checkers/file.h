#pragma once
#include "twistdpp/cred/check_queue.h"
#include "twistdpp/cred/checker.h"
#include "twistdpp/cred/clear_scram.h"
#include "twistdpp/cred/password_file.h"

#include <memory>

namespace twistdpp {

/// Judges names and passwords by a password file (password_file.h): `--auth file:PATH`. Hashes are computed
/// on `hashing`; for a name that is not there the file's usual kind of hash is computed too.
class FileChecker final : public Checker {
public:
    FileChecker(PasswordFile file, std::shared_ptr<CheckQueue> hashing)
        : file_(std::move(file)), hashing_(std::move(hashing)), clear_(hashing_) {}

    CredentialKinds kinds() const noexcept override {
        return CredentialKind::password | CredentialKind::hashedPassword | CredentialKind::scram;
    }
    Deferred<AvatarId> requestAvatarId(const Credentials& credentials) override;
    CredentialKinds offered() override;
    Deferred<ScramOffer> scramKeys(const std::string& user) override;

private:
    PasswordFile file_;
    std::shared_ptr<CheckQueue> hashing_;
    ClearScram clear_;
};

} // namespace twistdpp
