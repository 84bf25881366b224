#include "twistdpp/words_store/layout.h"

#include <array>

namespace twistdpp::words {

namespace {

// Columns called `key` hold names as they compare (folded); times are seconds since 1970, those of messages
// milliseconds.
constexpr std::array<sqlite::Database::Migration, 1> kLayout{R"(
    CREATE TABLE accounts (
        key TEXT PRIMARY KEY, name TEXT NOT NULL, password TEXT NOT NULL, created INTEGER NOT NULL,
        seen INTEGER NOT NULL, always_on INTEGER NOT NULL,
        nick TEXT NOT NULL, ident TEXT NOT NULL, realname TEXT NOT NULL, host TEXT NOT NULL, away TEXT NOT NULL,
        modes INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE account_channels (
        account TEXT NOT NULL, channel TEXT NOT NULL, ranks INTEGER NOT NULL, PRIMARY KEY (account, channel)
    ) WITHOUT ROWID;
    CREATE TABLE fingerprints (fingerprint TEXT PRIMARY KEY, account TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE channels (
        key TEXT PRIMARY KEY, name TEXT NOT NULL, founder TEXT NOT NULL, created INTEGER NOT NULL,
        topic TEXT NOT NULL, topic_setter TEXT NOT NULL, topic_time INTEGER NOT NULL,
        flags TEXT NOT NULL, password TEXT NOT NULL, most INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE channel_masks (
        channel TEXT NOT NULL, list TEXT NOT NULL, mask TEXT NOT NULL, setter TEXT NOT NULL, time INTEGER NOT NULL,
        PRIMARY KEY (channel, list, mask)
    ) WITHOUT ROWID;
    CREATE TABLE channel_access (
        channel TEXT NOT NULL, account TEXT NOT NULL, rank TEXT NOT NULL, PRIMARY KEY (channel, account)
    ) WITHOUT ROWID;
    CREATE TABLE markers (
        account TEXT NOT NULL, target TEXT NOT NULL, time INTEGER NOT NULL, PRIMARY KEY (account, target)
    ) WITHOUT ROWID;
    CREATE TABLE metadata (
        subject TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (subject, key)
    ) WITHOUT ROWID;
    CREATE TABLE bans (
        mask TEXT PRIMARY KEY, reason TEXT NOT NULL, setter TEXT NOT NULL, created INTEGER NOT NULL,
        expires INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE messages (
        seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, target TEXT NOT NULL, time INTEGER NOT NULL,
        kind INTEGER NOT NULL, account TEXT NOT NULL, bot INTEGER NOT NULL, tags TEXT NOT NULL, body TEXT NOT NULL,
        lines TEXT NOT NULL
    );
    CREATE INDEX messages_by_target ON messages (target, seq);
    CREATE INDEX messages_by_time ON messages (time);
    CREATE TABLE correspondents (
        account TEXT NOT NULL, peer TEXT NOT NULL, time INTEGER NOT NULL, PRIMARY KEY (account, peer)
    ) WITHOUT ROWID;
)"};

} // namespace

std::span<const sqlite::Database::Migration> databaseLayout() noexcept {
    return kLayout;
}

} // namespace twistdpp::words
