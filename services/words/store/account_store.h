#pragma once
#include "twistdpp/words_store/account.h"

#include "twistdpp/base/bytes.h"
#include "twistdpp/defer/deferred.h"

#include <map>
#include <string>

namespace twistdpp::sqlite {
class Database;
class JobQueue;
} // namespace twistdpp::sqlite

namespace twistdpp::words {

/// The accounts that users made. Belongs to the reactor's thread.
class AccountStore {
public:
    /// `file` outlives it; nullptr: kept in memory only.
    explicit AccountStore(sqlite::JobQueue* file) noexcept : file_(file) {}
    /// Takes what the file has. Throws SqliteError.
    void load(sqlite::Database& database);

    /// By name in any case, valid until it is dropped; nullptr: there is none.
    const Account* find(Bytes name) const;
    const std::map<std::string, Account>& all() const noexcept { return accounts_; }
    /// Makes it, or puts it in the place of the one with that name. Fires when it is kept.
    Deferred<void> save(Account account);
    /// Fires when it is gone from the file too.
    Deferred<void> drop(Bytes name);
    /// The account that a certificate logs in to, or nullptr.
    const Account* findFingerprint(Bytes fingerprint) const;

private:
    std::map<std::string, Account> accounts_; // by folded name
    sqlite::JobQueue* file_;
};

} // namespace twistdpp::words
