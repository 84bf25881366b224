#include "twistdpp/words_store/marker_store.h"

#include "twistdpp/irc/casemapping.h"
#include "twistdpp/sqlite/job_queue.h"

namespace twistdpp::words {

void MarkerStore::load(sqlite::Database& database) {
    sqlite::Statement rows = database.prepare("SELECT account, target, time FROM markers");
    while (rows.step()) {
        markers_[{rows.string(0), rows.string(1)}] = rows.number(2);
        ++counts_[rows.string(0)];
    }
}

std::int64_t MarkerStore::find(Bytes account, Bytes target) const {
    const auto found = markers_.find({irc::fold(account), irc::fold(target)});
    return found == markers_.end() ? 0 : found->second;
}

std::int64_t MarkerStore::advance(Bytes account, Bytes target, std::int64_t time) {
    std::pair<std::string, std::string> key{irc::fold(account), irc::fold(target)};
    const auto found = markers_.find(key);
    if (found == markers_.end()) {
        std::size_t& count = counts_[key.first];
        if (count >= kMost)
            return 0;
        ++count;
    } else if (found->second >= time) {
        return found->second;
    }
    markers_[key] = time;
    if (file_) {
        file_
            ->run([key, time](sqlite::Database& database) {
                database.prepare("INSERT OR REPLACE INTO markers VALUES (?, ?, ?)")
                    .with(key.first, key.second, time)
                    .run();
            })
            .addErrback([](const Failure&) {}) // the file's observer tells it
            .detach();
    }
    return time;
}

} // namespace twistdpp::words
