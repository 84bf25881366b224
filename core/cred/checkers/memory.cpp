#include "twistdpp/base/ascii.h"
#include "twistdpp/cred/checker_maker.h"
#include "twistdpp/cred/clear_scram.h"
#include "twistdpp/cred/scram.h"

#include <unordered_map>

namespace twistdpp {

namespace {

class MemoryChecker final : public Checker {
public:
    MemoryChecker(std::unordered_map<std::string, Secret> passwords, std::shared_ptr<CheckQueue> hashing)
        : passwords_(std::move(passwords)), clear_(std::move(hashing)) {}

    CredentialKinds kinds() const noexcept override {
        return CredentialKind::password | CredentialKind::hashedPassword | CredentialKind::scram;
    }

    Deferred<ScramOffer> scramKeys(const std::string& user) override {
        const auto found = passwords_.find(user);
        const bool known = found != passwords_.end();
        auto keys = known ? clear_.keys(user, found->second.bytes()) : clear_.decoy(user);
        return std::move(keys).addCallback([known](ScramKeys made) {
            return ScramOffer{std::move(made), known};
        });
    }

    Deferred<AvatarId> requestAvatarId(const Credentials& credentials) override {
        const std::string user(credentials.claimedUser());
        if (credentials.kind() == CredentialKind::scram) {
            const auto& proof = static_cast<const ScramProof&>(credentials);
            return scramKeys(user).addCallback([proof](const ScramOffer& offer) {
                return verdict(proof.matches(offer.keys) && offer.known, proof.user());
            });
        }
        const auto found = passwords_.find(user);
        const bool known = found != passwords_.end();
        const Bytes expected = known ? found->second.bytes() : Bytes();
        const bool matches =
            credentials.kind() == CredentialKind::password
                ? constantTimeEquals(
                      expected, static_cast<const UsernamePassword&>(credentials).password().bytes()
                  )
                : static_cast<const UsernameHashedPassword&>(credentials).checkPassword(expected);
        return verdict(known && matches, user);
    }

private:
    static Deferred<AvatarId> verdict(bool accepted, const std::string& user) {
        if (!accepted)
            return Failure(UnauthorizedLogin());
        AvatarId id(user);
        id.add("checker", "memory");
        return id;
    }

    std::unordered_map<std::string, Secret> passwords_;
    ClearScram clear_;
};

Result<std::unique_ptr<Checker>> make(Reactor& reactor, std::string_view arguments) {
    if (arguments.empty())
        return Error("name at least one user: memory:NAME:PASSWORD");
    std::unordered_map<std::string, Secret> passwords;
    for (bool more = true; more;) {
        const std::string_view user = ascii::cut(arguments, ':');
        // An empty password may stand last ("alice:"), so the separator decides and not what follows it.
        if (arguments.data() == nullptr)
            return Error("the list must be NAME:PASSWORD pairs; a password is missing at its end");
        if (user.empty())
            return Error("a user's name is empty; the list must be NAME:PASSWORD pairs");
        const std::string_view password = ascii::cut(arguments, ':');
        more = arguments.data() != nullptr;
        passwords.insert_or_assign(std::string(user), Secret(password));
    }
    return std::make_unique<MemoryChecker>(std::move(passwords), CheckQueue::of(reactor, Pool::cpu));
}

TWISTDPP_CHECKER(
    memory, "users and passwords on the command line, for a quick try",
    "A colon-separated list of names and passwords: memory:alice:secret:bob:other\n"
    "makes the users alice and bob; of two entries for one name the last counts. Every user\n"
    "of this machine can read a command line (ps): use it for experiments, and file: for the\n"
    "rest.",
    "NAME:PASSWORD[:NAME:PASSWORD...]",
    CredentialKind::password | CredentialKind::hashedPassword | CredentialKind::scram, make
);

} // namespace

} // namespace twistdpp
