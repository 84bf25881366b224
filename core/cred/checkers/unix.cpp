#include "twistdpp/cred/checkers/unix.h"

#include "twistdpp/base/log.h"
#include "twistdpp/cred/checker_maker.h"
#include "twistdpp/cred/password_hash.h"

#include <unistd.h>

namespace twistdpp {

namespace {

// A hash that is no crypt(3) hash ("*", "!", "!$6$...", "") locks the account: it is no password in clear.
std::optional<PasswordHash> usableHash(const std::optional<UnixAccount>& account) {
    if (!account || !account->passwordHash.starts_with('$'))
        return std::nullopt;
    Result<PasswordHash> hash = PasswordHash::parse(account->passwordHash);
    if (!hash || hash->form() != PasswordHash::Form::crypt)
        return std::nullopt;
    return std::move(*hash);
}

struct Job {
    explicit Job(std::shared_ptr<const UnixAccounts> from) : accounts(std::move(from)) {}
    std::shared_ptr<const UnixAccounts> accounts;
    std::optional<UnixAccount> account;
    bool accepted = false;
};

Deferred<AvatarId> verdict(const Job& job) {
    if (!job.accepted)
        return Failure(UnauthorizedLogin());
    return avatarIdOf(*job.account, "unix");
}

} // namespace

AvatarId avatarIdOf(const UnixAccount& account, std::string_view checker) {
    AvatarId id(account.name);
    id.add("checker", std::string(checker));
    id.add("uid", std::to_string(account.uid));
    id.add("gid", std::to_string(account.gid));
    id.add("home", account.home);
    id.add("shell", account.shell);
    return id;
}

Deferred<AvatarId> UnixChecker::requestAvatarId(const Credentials& credentials) {
    auto job = std::make_shared<Job>(accounts_);
    UniqueFunction<void()> work;
    if (credentials.kind() == CredentialKind::uid) {
        work = [job, uid = static_cast<const PreauthenticatedUid&>(credentials).uid()] {
            job->account = job->accounts->byUid(uid);
            job->accepted = job->account.has_value() && !job->account->expired;
        };
    } else {
        const auto& given = static_cast<const UsernamePassword&>(credentials);
        work = [job, user = given.user(), password = given.password()] {
            job->account = job->accounts->byName(user);
            const std::optional<PasswordHash> hash = usableHash(job->account);
            const bool matches = (hash ? *hash : PasswordHash::decoy()).matches(password.bytes());
            job->accepted = hash && matches && !job->account->expired;
        };
    }
    return work_->run(std::move(work)).addCallback([job] { return verdict(*job); });
}

namespace {

Result<std::unique_ptr<Checker>> make(Reactor& reactor, std::string_view) {
    if (::geteuid() != 0 && ::access("/etc/shadow", R_OK) != 0)
        logLine(
            LogLevel::warn, "cred",
            "--auth unix: /etc/shadow cannot be read, so no password will be accepted; start as root"
        );
    return std::make_unique<UnixChecker>(systemAccounts(), CheckQueue::of(reactor, Pool::cpu));
}

TWISTDPP_CHECKER(
    unix, "the users of this machine and their passwords",
    "Checks passwords against passwd and shadow through crypt(3), without PAM. Shadow can\n"
    "be read by root only. Locked and expired accounts and those without a password are refused.\n"
    "Local processes that the kernel names (unix sockets) are accepted as their user.",
    "", CredentialKind::password | CredentialKind::uid, make
);

} // namespace

} // namespace twistdpp
