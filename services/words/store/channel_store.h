#pragma once
#include "twistdpp/words_store/channel_record.h"

#include "twistdpp/base/bytes.h"
#include "twistdpp/defer/deferred.h"

#include <map>
#include <string>

namespace twistdpp::sqlite {
class Database;
class JobQueue;
} // namespace twistdpp::sqlite

namespace twistdpp::words {

/// The registered channels. Belongs to the reactor's thread.
class ChannelStore {
public:
    /// `file` outlives it; nullptr: kept in memory only.
    explicit ChannelStore(sqlite::JobQueue* file) noexcept : file_(file) {}
    /// Takes what the file has. Throws SqliteError.
    void load(sqlite::Database& database);

    /// By name in any case, valid until it is dropped or saved; nullptr: it is not registered.
    const ChannelRecord* find(Bytes name) const;
    const std::map<std::string, ChannelRecord>& all() const noexcept { return channels_; }
    /// Makes it, or puts it in the place of the one with that name. Fires when it is kept.
    Deferred<void> save(ChannelRecord record);
    Deferred<void> drop(Bytes name);

private:
    std::map<std::string, ChannelRecord> channels_; // by folded name
    sqlite::JobQueue* file_;
};

} // namespace twistdpp::words
