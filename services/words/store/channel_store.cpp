#include "twistdpp/words_store/channel_store.h"

#include "twistdpp/irc/casemapping.h"
#include "twistdpp/sqlite/job_queue.h"

namespace twistdpp::words {

namespace {

void removeParts(sqlite::Database& database, const std::string& key) {
    database.prepare("DELETE FROM channel_masks WHERE channel = ?").with(key).run();
    database.prepare("DELETE FROM channel_access WHERE channel = ?").with(key).run();
}

void write(sqlite::Database& database, const std::string& key, const ChannelRecord& record) {
    database.prepare("INSERT OR REPLACE INTO channels VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .with(
            key, record.name, record.founder, record.created, record.topic, record.topicSetter,
            record.topicTime, record.flags, record.key, static_cast<std::int64_t>(record.limit)
        )
        .run();
    removeParts(database, key);
    for (const ChannelRecord::Mask& mask : record.masks)
        database.prepare("INSERT OR REPLACE INTO channel_masks VALUES (?, ?, ?, ?, ?)")
            .with(key, std::string(1, mask.list), mask.mask, mask.setter, mask.time)
            .run();
    for (const auto& [account, rank] : record.access)
        database.prepare("INSERT INTO channel_access VALUES (?, ?, ?)")
            .with(key, account, std::string(1, rank))
            .run();
}

} // namespace

void ChannelStore::load(sqlite::Database& database) {
    sqlite::Statement rows = database.prepare("SELECT key, name, founder, created, topic, topic_setter, "
                                              "topic_time, flags, password, most FROM channels");
    while (rows.step()) {
        ChannelRecord& record = channels_[rows.string(0)];
        record.name = rows.string(1);
        record.founder = rows.string(2);
        record.created = rows.number(3);
        record.topic = rows.string(4);
        record.topicSetter = rows.string(5);
        record.topicTime = rows.number(6);
        record.flags = rows.string(7);
        record.key = rows.string(8);
        record.limit = static_cast<std::size_t>(rows.number(9));
    }
    sqlite::Statement masks =
        database.prepare("SELECT channel, list, mask, setter, time FROM channel_masks ORDER BY time");
    while (masks.step()) {
        const auto found = channels_.find(masks.string(0));
        if (found != channels_.end() && !masks.text(1).empty())
            found->second.masks.push_back(
                {masks.text(1).front(), masks.string(2), masks.string(3), masks.number(4)}
            );
    }
    sqlite::Statement access = database.prepare("SELECT channel, account, rank FROM channel_access");
    while (access.step()) {
        const auto found = channels_.find(access.string(0));
        if (found != channels_.end() && !access.text(2).empty())
            found->second.access.emplace(access.string(1), access.text(2).front());
    }
}

const ChannelRecord* ChannelStore::find(Bytes name) const {
    const auto found = channels_.find(irc::fold(name));
    return found == channels_.end() ? nullptr : &found->second;
}

Deferred<void> ChannelStore::save(ChannelRecord record) {
    std::string key = irc::fold(record.name);
    const ChannelRecord& kept = channels_[key] = std::move(record);
    if (!file_)
        return succeed();
    return file_->run([key = std::move(key), copy = kept](sqlite::Database& database) {
        write(database, key, copy);
    });
}

Deferred<void> ChannelStore::drop(Bytes name) {
    std::string key = irc::fold(name);
    channels_.erase(key);
    if (!file_)
        return succeed();
    return file_->run([key = std::move(key)](sqlite::Database& database) {
        database.prepare("DELETE FROM channels WHERE key = ?").with(key).run();
        removeParts(database, key);
    });
}

} // namespace twistdpp::words
