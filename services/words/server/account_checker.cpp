#include "twistdpp/words_server/account_checker.h"

#include "twistdpp/words_server/hash_check.h"
#include "twistdpp/words_store/store.h"

#include "twistdpp/cred/credentials.h"

namespace twistdpp::words {

AccountChecker::AccountChecker(Reactor& reactor, Store& store)
    : hashing_(CheckQueue::of(reactor, Pool::cpu)), store_(store) {}

Deferred<AvatarId> AccountChecker::requestAvatarId(const Credentials& credentials) {
    const auto& given = static_cast<const UsernamePassword&>(credentials);
    const Account* account = store_.accounts().find(given.user());
    auto hash =
        account ? PasswordHash::parse(account->password) : Result<PasswordHash>(PasswordHash::decoy());
    std::optional<AvatarId> id;
    if (account && hash && !account->password.empty()) {
        id.emplace(account->name);
        id->add("checker", "words");
    }
    return checkHash(
        *hashing_, hash ? *std::move(hash) : PasswordHash::decoy(), given.password(), std::move(id)
    );
}

} // namespace twistdpp::words
