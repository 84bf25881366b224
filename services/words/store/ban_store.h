#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/defer/deferred.h"

#include <cstdint>
#include <map>
#include <string>

namespace twistdpp::sqlite {
class Database;
class JobQueue;
} // namespace twistdpp::sqlite

namespace twistdpp::words {

/// A ban of the whole server (a K-line). Times are seconds since 1970.
struct ServerBan {
    std::string mask; // "user@host" with wildcards, or an address prefix "192.0.2.0/24"
    std::string reason, setter;
    std::int64_t created = 0;
    std::int64_t expires = 0; // 0: never
};

/// The bans of the server. Belongs to the reactor's thread.
class BanStore {
public:
    /// `file` outlives it; nullptr: kept in memory only.
    explicit BanStore(sqlite::JobQueue* file) noexcept : file_(file) {}
    /// Takes what the file has. Throws SqliteError.
    void load(sqlite::Database& database);

    /// By mask; those that have expired are left out from expire() on.
    const std::map<std::string, ServerBan>& all() const noexcept { return bans_; }
    Deferred<void> save(ServerBan ban);
    /// False: there is none.
    bool drop(const std::string& mask);
    void expire(std::int64_t now);

private:
    std::map<std::string, ServerBan> bans_;
    sqlite::JobQueue* file_;
};

} // namespace twistdpp::words
