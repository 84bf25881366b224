#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/cred/check_queue.h"
#include "twistdpp/cred/checker.h"
#include "twistdpp/cred/unix_accounts.h"

#include <ctime>
#include <memory>
#include <string>
#include <vector>

namespace twistdpp {

/// Where a user's authorized_keys are: a path with {user} or %u for the name and {home} or %h for the home
/// folder, %% for '%'. A relative path is below the home folder; an absolute one without a placeholder is a
/// folder with a file for each user.
class KeyFilePattern {
public:
    static Result<KeyFilePattern> parse(std::string_view text);

    /// The user's file. Nothing for a name that would lead elsewhere ("../root"), and where the home folder
    /// is needed and the user has none (`home` empty).
    std::optional<std::string> expand(const std::string& user, const std::string& home) const;

private:
    explicit KeyFilePattern(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

/// Judges SSH keys by authorized_keys files: `--auth sshkey`. Says whether a key may log in; the signature is
/// the caller's to verify. Files are read on `reading` at each login, and only when nobody else could have
/// written them. A user whom the system does not know may log in where the pattern needs no home folder: the
/// files must then belong to root or the daemon's user.
class SshKeyChecker final : public Checker {
public:
    SshKeyChecker(
        std::vector<KeyFilePattern> patterns, std::shared_ptr<const UnixAccounts> accounts,
        std::shared_ptr<CheckQueue> reading, std::time_t (*now)() = [] { return std::time(nullptr); }
    );

    CredentialKinds kinds() const noexcept override { return CredentialKind::sshKey; }
    Deferred<AvatarId> requestAvatarId(const Credentials& credentials) override;

private:
    struct Sources;
    std::shared_ptr<const Sources> sources_;
    std::shared_ptr<CheckQueue> reading_;
};

} // namespace twistdpp
