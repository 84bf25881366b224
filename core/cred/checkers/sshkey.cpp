#include "twistdpp/cred/checkers/sshkey.h"

#include "twistdpp/base/log.h"
#include "twistdpp/cred/authorized_keys.h"
#include "twistdpp/cred/checker_maker.h"
#include "twistdpp/cred/checkers/unix.h"
#include "twistdpp/cred/key_restrictions.h"
#include "twistdpp/cred/trusted_file.h"

#include <optional>
#include <unistd.h>

namespace twistdpp {

namespace {

bool isOneFileName(const std::string& user) {
    return !user.empty() && user != "." && user != ".." && user.find('/') == std::string::npos &&
           user.find('\0') == std::string::npos;
}

// What stands at text[at]: the length of a placeholder and its letter, or length 0.
std::pair<std::size_t, char> placeholder(std::string_view text, std::size_t at) {
    const std::string_view rest = text.substr(at);
    if (rest.starts_with("{user}"))
        return {6, 'u'};
    if (rest.starts_with("{home}"))
        return {6, 'h'};
    if (rest.size() > 1 && rest[0] == '%' && (rest[1] == 'u' || rest[1] == 'h' || rest[1] == '%'))
        return {2, rest[1]};
    return {0, '\0'};
}

} // namespace

Result<KeyFilePattern> KeyFilePattern::parse(std::string_view text) {
    if (text.empty() || text.find('\0') != std::string_view::npos)
        return Error("the pattern for authorized_keys files is empty or has a NUL byte");
    bool perUser = text.front() != '/';
    for (std::size_t at = 0; at < text.size();) {
        const auto [length, letter] = placeholder(text, at);
        if (length == 0 && (text[at] == '%' || text[at] == '{'))
            return Error(
                "'" + std::string(text.substr(at, 2)) + "' in '" + std::string(text) +
                "' is no placeholder; there are {user}, {home}, %u, %h and %%"
            );
        perUser = perUser || letter == 'u' || letter == 'h';
        at += length == 0 ? 1 : length;
    }
    return KeyFilePattern(std::string(text) + (perUser ? "" : "/{user}"));
}

std::optional<std::string> KeyFilePattern::expand(const std::string& user, const std::string& home) const {
    if (!isOneFileName(user))
        return std::nullopt;
    std::string path;
    bool needsHome = false;
    for (std::size_t at = 0; at < text_.size();) {
        const auto [length, letter] = placeholder(text_, at);
        if (length == 0)
            path += text_[at];
        else if (letter == '%')
            path += '%';
        else
            path += letter == 'u' ? user : home;
        needsHome = needsHome || letter == 'h';
        at += length == 0 ? 1 : length;
    }
    if (!path.starts_with('/')) {
        path = home + "/" + path;
        needsHome = true;
    }
    if (needsHome && !home.starts_with('/'))
        return std::nullopt;
    return path;
}

struct SshKeyChecker::Sources {
    Sources(std::vector<KeyFilePattern> p, std::shared_ptr<const UnixAccounts> a, std::time_t (*n)())
        : patterns(std::move(p)), accounts(std::move(a)), now(n) {}

    std::vector<KeyFilePattern> patterns;
    std::shared_ptr<const UnixAccounts> accounts;
    std::time_t (*now)();

    // On a thread of the pool.
    std::optional<AvatarId> find(const SshPublicKey& offered) const {
        const std::optional<UnixAccount> account = accounts->byName(offered.user);
        if (account && account->expired)
            return std::nullopt;
        const unsigned owner = account ? account->uid : ::geteuid();
        const std::string home = account ? account->home : std::string();
        for (const KeyFilePattern& pattern : patterns) {
            const auto path = pattern.expand(offered.user, home);
            if (!path)
                continue;
            const Result<std::string> text = readTrustedFile(*path, owner, home, kMaxAuthorizedKeysFile);
            if (text) {
                if (auto key = listed(offered, *text, *path))
                    return identify(offered.user, account, *key, *path);
            } else if (text.error().code() != std::errc::no_such_file_or_directory) {
                logLine(LogLevel::warn, "cred", text.error().message());
            }
        }
        return std::nullopt;
    }

private:
    std::optional<AuthorizedKey>
    listed(const SshPublicKey& offered, const std::string& text, const std::string& path) const {
        const AuthorizedKeys file = parseAuthorizedKeys(text, path);
        for (const std::string& warning : file.warnings)
            logLine(LogLevel::info, "cred", warning);
        for (const AuthorizedKey& key : file.keys) {
            if (key.blob == offered.blob && restrictionsHold(key, offered.peer, now()))
                return key;
        }
        return std::nullopt;
    }

    static AvatarId identify(
        const std::string& user, const std::optional<UnixAccount>& account, const AuthorizedKey& key,
        const std::string& path
    ) {
        AvatarId id = account ? avatarIdOf(*account, "sshkey") : AvatarId(user);
        if (!account)
            id.add("checker", "sshkey");
        id.add("key", path + ":" + std::to_string(key.line));
        for (const auto& [name, value] : key.options)
            id.add("option:" + name, value);
        return id;
    }
};

SshKeyChecker::SshKeyChecker(
    std::vector<KeyFilePattern> patterns, std::shared_ptr<const UnixAccounts> accounts,
    std::shared_ptr<CheckQueue> reading, std::time_t (*now)()
)
    : sources_(std::make_shared<const Sources>(std::move(patterns), std::move(accounts), now)),
      reading_(std::move(reading)) {}

Deferred<AvatarId> SshKeyChecker::requestAvatarId(const Credentials& credentials) {
    struct Job {
        Job(std::shared_ptr<const Sources> from, SshPublicKey key)
            : sources(std::move(from)), offered(std::move(key)) {}
        std::shared_ptr<const Sources> sources;
        SshPublicKey offered;
        std::optional<AvatarId> found;
    };
    auto job = std::make_shared<Job>(sources_, static_cast<const SshPublicKey&>(credentials));
    return reading_->run([job] { job->found = job->sources->find(job->offered); }
    ).addCallback([job]() -> Deferred<AvatarId> {
        if (!job->found)
            return Failure(UnauthorizedLogin());
        return std::move(*job->found);
    });
}

namespace {

Result<std::unique_ptr<Checker>> make(Reactor& reactor, std::string_view arguments) {
    std::vector<KeyFilePattern> patterns;
    std::vector<std::string_view> texts{".ssh/authorized_keys", ".ssh/authorized_keys2"};
    if (!arguments.empty())
        texts = {arguments};
    for (const std::string_view text : texts) {
        Result<KeyFilePattern> pattern = KeyFilePattern::parse(text);
        if (!pattern)
            return std::move(pattern).error();
        patterns.push_back(std::move(*pattern));
    }
    return std::make_unique<SshKeyChecker>(
        std::move(patterns), systemAccounts(), CheckQueue::of(reactor, Pool::io)
    );
}

TWISTDPP_CHECKER(
    sshkey, "SSH public keys listed in authorized_keys files",
    "Without PATTERN: .ssh/authorized_keys and .ssh/authorized_keys2 in the user's home folder.\n"
    "In PATTERN {user} or %u stands for the user's name and {home} or %h for the home folder;\n"
    "a relative path is below the home folder, and an absolute one without a placeholder is a\n"
    "folder with a file for each user. The file and the folders above it must belong to the user\n"
    "or root and be writable for nobody else. from= and expiry-time= are checked here, the other\n"
    "options are handed to the service; a line with an unknown option does not count.",
    "PATTERN", CredentialKind::sshKey, make
);

} // namespace

} // namespace twistdpp
