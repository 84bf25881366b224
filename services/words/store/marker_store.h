#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/defer/deferred.h"

#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace twistdpp::sqlite {
class Database;
class JobQueue;
} // namespace twistdpp::sqlite

namespace twistdpp::words {

/// Up to when each account has read each conversation (IRCv3 "read-marker"). Belongs to the reactor's thread.
class MarkerStore {
public:
    /// `file` outlives it; nullptr: kept in memory only.
    explicit MarkerStore(sqlite::JobQueue* file) noexcept : file_(file) {}
    /// Takes what the file has. Throws SqliteError.
    void load(sqlite::Database& database);

    /// Milliseconds since 1970; 0: never told. Names are taken in any case.
    std::int64_t find(Bytes account, Bytes target) const;
    /// Moves it on; never back. Gives where it stands then.
    std::int64_t advance(Bytes account, Bytes target, std::int64_t time);
    /// Of one account.
    static constexpr std::size_t kMost = 1000;

private:
    std::map<std::pair<std::string, std::string>, std::int64_t> markers_;
    std::map<std::string, std::size_t> counts_;
    sqlite::JobQueue* file_;
};

} // namespace twistdpp::words
