#include "twistdpp/words_server/password_checker.h"

#include "twistdpp/words_server/hash_check.h"

namespace twistdpp::words {

PasswordChecker::PasswordChecker(Reactor& reactor, Table table)
    : hashing_(CheckQueue::of(reactor, Pool::cpu)), table_(std::make_shared<const Table>(std::move(table))),
      decoy_(table_->empty() ? PasswordHash::decoy() : table_->begin()->second) {}

Deferred<AvatarId> PasswordChecker::requestAvatarId(const Credentials& credentials) {
    const auto& given = static_cast<const UsernamePassword&>(credentials);
    const auto found = table_->find(given.user());
    std::optional<AvatarId> id;
    if (found != table_->end()) {
        // The empty name is the server's own password.
        id.emplace(given.user());
        id->add("checker", "option");
    }
    return checkHash(*hashing_, id ? found->second : decoy_, given.password(), std::move(id));
}

} // namespace twistdpp::words
