#pragma once
#include "twistdpp/base/unique_function.h"
#include "twistdpp/cred/check_queue.h"
#include "twistdpp/cred/checker.h"
#include "twistdpp/cred/clear_scram.h"
#include "twistdpp/cred/password_file.h"

#include <memory>
#include <string>

namespace twistdpp {

/// Judges names and passwords by a table, that of a password file (password_file.h, `--auth file:PATH`) or
/// another. Hashes are computed on `hashing`; for a name that is not there the table's usual kind of hash is
/// computed too.
class FileChecker final : public Checker {
public:
    /// Gives the table as it is now; an error when nobody can be judged.
    using Source = UniqueFunction<Result<std::shared_ptr<const PasswordTable>>()>;

    /// `name` is what the checker is called in the audit log.
    FileChecker(Source source, std::string name, std::shared_ptr<CheckQueue> hashing)
        : source_(std::move(source)), name_(std::move(name)), hashing_(std::move(hashing)), clear_(hashing_) {
    }
    FileChecker(PasswordFile file, std::shared_ptr<CheckQueue> hashing)
        : FileChecker(
              [file = std::move(file)]() mutable { return file.current(); }, "file", std::move(hashing)
          ) {}

    CredentialKinds kinds() const noexcept override {
        return CredentialKind::password | CredentialKind::hashedPassword | CredentialKind::scram;
    }
    Deferred<AvatarId> requestAvatarId(const Credentials& credentials) override;
    CredentialKinds offered() override;
    Deferred<ScramOffer> scramKeys(const std::string& user) override;

private:
    Source source_;
    std::string name_;
    std::shared_ptr<CheckQueue> hashing_;
    ClearScram clear_;
};

} // namespace twistdpp
