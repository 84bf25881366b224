#include "twistdpp/words_server/account_checker.h"

#include "twistdpp/words_server/hash_check.h"
#include "twistdpp/words_store/store.h"

#include "twistdpp/base/base64.h"
#include "twistdpp/cred/credentials.h"
#include "twistdpp/cred/errors.h"
#include "twistdpp/irc/casemapping.h"
#include "twistdpp/irc/names.h"

namespace twistdpp::words {

namespace {

/// Costs what a check of an account costs that was made here, and fits no password.
PasswordHash decoyLikeOurs() {
    const ScramKeys keys = ScramKeys::decoy({});
    auto hash = PasswordHash::parse(
        "{SCRAM-SHA-256}" + std::to_string(keys.rounds) + "," + toBase64(keys.salt) + "," +
        toBase64(keys.storedKey) + "," + toBase64(keys.serverKey)
    );
    return hash ? *std::move(hash) : PasswordHash::decoy();
}

} // namespace

AccountChecker::AccountChecker(Reactor& reactor, Store& store)
    : hashing_(CheckQueue::of(reactor, Pool::cpu)), store_(store), decoy_(decoyLikeOurs()) {}

Deferred<AvatarId> AccountChecker::requestAvatarId(const Credentials& credentials) {
    if (credentials.kind() == CredentialKind::scram)
        return judge(static_cast<const ScramProof&>(credentials));
    if (credentials.kind() == CredentialKind::certificate)
        return judge(static_cast<const ClientCertificate&>(credentials));
    const auto& given = static_cast<const UsernamePassword&>(credentials);
    const Account* account = store_.accounts().find(given.user());
    auto hash = account ? PasswordHash::parse(account->password) : Result<PasswordHash>(decoy_);
    std::optional<AvatarId> id;
    if (account && hash && !account->password.empty()) {
        id.emplace(account->name);
        id->add("checker", "words");
    }
    return checkHash(*hashing_, hash ? *std::move(hash) : decoy_, given.password(), std::move(id));
}

ScramOffer AccountChecker::offer(const std::string& user) const {
    const Account* account = store_.accounts().find(user);
    const auto hash = account ? PasswordHash::parse(account->password) : Result<PasswordHash>(decoy_);
    const auto keys = account && hash ? hash->scramKeys() : std::nullopt;
    return {keys ? *keys : ScramKeys::decoy(irc::fold(user)), keys.has_value()};
}

Deferred<ScramOffer> AccountChecker::scramKeys(const std::string& user) {
    return offer(user);
}

namespace {

AvatarId avatar(const Account& account) {
    AvatarId id(account.name);
    id.add("checker", "words");
    return id;
}

} // namespace

Deferred<AvatarId> AccountChecker::judge(const ScramProof& proof) const {
    const ScramOffer kept = offer(proof.user());
    if (!proof.matches(kept.keys) || !kept.known)
        return Failure(UnauthorizedLogin());
    return avatar(*store_.accounts().find(proof.user()));
}

Deferred<AvatarId> AccountChecker::judge(const ClientCertificate& shown) const {
    const Account* account = store_.accounts().findFingerprint(shown.fingerprint());
    if (!account || (!shown.name().empty() && !irc::sameName(shown.name(), account->name)))
        return Failure(UnauthorizedLogin());
    return avatar(*account);
}

} // namespace twistdpp::words
