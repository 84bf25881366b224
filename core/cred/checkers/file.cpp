#include "twistdpp/cred/checkers/file.h"

#include "twistdpp/cred/checker_maker.h"
#include "twistdpp/cred/scram.h"

namespace twistdpp {

namespace {

Deferred<AvatarId> verdict(bool accepted, const std::string& user, const std::string& by) {
    if (!accepted)
        return Failure(UnauthorizedLogin());
    AvatarId id(user);
    id.add("checker", by);
    return id;
}

} // namespace

CredentialKinds FileChecker::offered() {
    const auto table = source_();
    CredentialKinds out = CredentialKind::password;
    if (table && (*table)->allInClear)
        out |= CredentialKind::hashedPassword;
    if (table && (*table)->allForScram)
        out |= CredentialKind::scram;
    return out;
}

Deferred<ScramOffer> FileChecker::scramKeys(const std::string& user) {
    const auto current = source_();
    if (!current)
        return Failure(CheckerUnavailable(current.error().message()));
    const PasswordTable& table = **current;
    const auto found = table.entries.find(user);
    const bool known = found != table.entries.end();
    const PasswordHash& hash = known ? found->second : table.decoy;
    if (hash.form() == PasswordHash::Form::plain) {
        auto keys = known ? clear_.keys(user, hash.plainText()) : clear_.decoy(user);
        return std::move(keys).addCallback([known](ScramKeys made) {
            return ScramOffer{std::move(made), known};
        });
    }
    const auto kept = hash.scramKeys();
    if (!kept) // a hash from which SCRAM cannot be answered
        return ScramOffer{ScramKeys::decoy(user), false};
    return ScramOffer{known ? *kept : ScramKeys::decoy(user, kept->rounds), known};
}

Deferred<AvatarId> FileChecker::requestAvatarId(const Credentials& credentials) {
    if (credentials.kind() == CredentialKind::scram) {
        const auto& proof = static_cast<const ScramProof&>(credentials);
        return scramKeys(proof.user()).addCallback([proof, by = name_](const ScramOffer& offer) {
            return verdict(proof.matches(offer.keys) && offer.known, proof.user(), by);
        });
    }
    Result<std::shared_ptr<const PasswordTable>> current = source_();
    if (!current)
        return Failure(CheckerUnavailable(current.error().message()));
    const std::shared_ptr<const PasswordTable> table = std::move(*current);
    const std::string user(credentials.claimedUser());
    const auto found = table->entries.find(user);
    const bool known = found != table->entries.end();
    const PasswordHash& hash = known ? found->second : table->decoy;
    const bool plain = hash.form() == PasswordHash::Form::plain;

    if (credentials.kind() == CredentialKind::hashedPassword) {
        const auto& proof = static_cast<const UsernameHashedPassword&>(credentials);
        const bool matches = proof.checkPassword(hash.plainText());
        return verdict(known && plain && matches, user, name_);
    }
    const Secret& password = static_cast<const UsernamePassword&>(credentials).password();
    if (plain)
        return verdict(known & hash.matches(password.bytes()), user, name_);

    struct Job {
        std::shared_ptr<const PasswordTable> table; // keeps the hash alive
        const PasswordHash& hash;
        Secret password;
        bool matches = false;
        Job(std::shared_ptr<const PasswordTable> t, const PasswordHash& h, Secret p)
            : table(std::move(t)), hash(h), password(std::move(p)) {}
    };
    auto job = std::make_shared<Job>(table, hash, password);
    return hashing_->run([job] { job->matches = job->hash.matches(job->password.bytes()); }
    ).addCallback([job, known, user, by = name_] { return verdict(known && job->matches, user, by); });
}

namespace {

Result<std::unique_ptr<Checker>> make(Reactor& reactor, std::string_view arguments) {
    if (arguments.empty())
        return Error("name the file: file:PATH");
    PasswordFile file{std::string(arguments)};
    if (Result<std::shared_ptr<const PasswordTable>> table = file.current(); !table)
        return std::move(table).error();
    return std::make_unique<FileChecker>(std::move(file), CheckQueue::of(reactor, Pool::cpu));
}

TWISTDPP_CHECKER(
    file, "names and passwords in a file, in clear or hashed",
    "One user a line, NAME:PASSWORD; blank lines and lines that begin with '#' are\n"
    "skipped, of two entries for one name the first counts. PASSWORD is a hash of\n"
    "crypt(3) ($y$, $6$, $5$, $2b$), {PBKDF2-SHA256}ROUNDS$SALT$DIGEST,\n"
    "{SCRAM-SHA-256}ROUNDS,SALT,STOREDKEY,SERVERKEY, {PLAIN}TEXT, or the password itself.\n"
    "The file is read again when it was changed; a new one with a mistake in it is\n"
    "reported and not used. Make a hash: openssl passwd -6, or mkpasswd.\n"
    "CRAM-MD5, APOP and the like need a password in clear, SCRAM one in clear or\n"
    "{SCRAM-SHA-256}; they are offered when all users can log in by them.",
    "PATH", CredentialKind::password | CredentialKind::hashedPassword | CredentialKind::scram, make
);

} // namespace

} // namespace twistdpp
