#include "twistdpp/words_store/ban_store.h"

#include "twistdpp/sqlite/job_queue.h"

namespace twistdpp::words {

void BanStore::load(sqlite::Database& database) {
    sqlite::Statement rows = database.prepare("SELECT mask, reason, setter, created, expires FROM bans");
    while (rows.step())
        bans_[rows.string(0)] = {
            rows.string(0), rows.string(1), rows.string(2), rows.number(3), rows.number(4)};
}

Deferred<void> BanStore::save(ServerBan ban) {
    const ServerBan& kept = bans_[ban.mask] = ban;
    if (!file_)
        return succeed();
    return file_->run([copy = kept](sqlite::Database& database) {
        database.prepare("INSERT OR REPLACE INTO bans VALUES (?, ?, ?, ?, ?)")
            .with(copy.mask, copy.reason, copy.setter, copy.created, copy.expires)
            .run();
    });
}

bool BanStore::drop(const std::string& mask) {
    if (bans_.erase(mask) == 0)
        return false;
    if (file_) {
        file_
            ->run([mask](sqlite::Database& database) {
                database.prepare("DELETE FROM bans WHERE mask = ?").with(mask).run();
            })
            .addErrback([](const Failure&) {}) // the file's observer tells it
            .detach();
    }
    return true;
}

void BanStore::expire(std::int64_t now) {
    for (auto at = bans_.begin(); at != bans_.end();) {
        const std::string mask = at->first;
        const bool over = at->second.expires != 0 && at->second.expires <= now;
        ++at;
        if (over)
            drop(mask);
    }
}

} // namespace twistdpp::words
