#include "twistdpp/words_store/account_store.h"

#include "twistdpp/irc/casemapping.h"
#include "twistdpp/sqlite/job_queue.h"

#include <algorithm>

namespace twistdpp::words {

namespace {

void removeParts(sqlite::Database& database, const std::string& key) {
    database.prepare("DELETE FROM account_channels WHERE account = ?").with(key).run();
    database.prepare("DELETE FROM fingerprints WHERE account = ?").with(key).run();
}

void write(sqlite::Database& database, const std::string& key, const Account& account) {
    const Presence& there = account.presence;
    database.prepare("INSERT OR REPLACE INTO accounts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .with(
            key, account.name, account.password, account.created, account.seen, account.alwaysOn, there.nick,
            there.ident, there.realname, there.host, there.away, there.modes
        )
        .run();
    removeParts(database, key);
    for (const auto& [channel, ranks] : there.channels)
        database.prepare("INSERT INTO account_channels VALUES (?, ?, ?)").with(key, channel, ranks).run();
    for (const std::string& fingerprint : account.fingerprints)
        database.prepare("INSERT OR REPLACE INTO fingerprints VALUES (?, ?)").with(fingerprint, key).run();
}

} // namespace

void AccountStore::load(sqlite::Database& database) {
    sqlite::Statement rows = database.prepare("SELECT key, name, password, created, seen, always_on, nick, "
                                              "ident, realname, host, away, modes FROM accounts");
    while (rows.step()) {
        Account& account = accounts_[rows.string(0)];
        account.name = rows.string(1);
        account.password = rows.string(2);
        account.created = rows.number(3);
        account.seen = rows.number(4);
        account.alwaysOn = rows.number(5) != 0;
        account.presence.nick = rows.string(6);
        account.presence.ident = rows.string(7);
        account.presence.realname = rows.string(8);
        account.presence.host = rows.string(9);
        account.presence.away = rows.string(10);
        account.presence.modes = static_cast<unsigned>(rows.number(11));
    }
    sqlite::Statement channels = database.prepare("SELECT account, channel, ranks FROM account_channels");
    while (channels.step()) {
        if (const auto found = accounts_.find(channels.string(0)); found != accounts_.end())
            found->second.presence.channels.emplace_back(
                channels.string(1), static_cast<unsigned>(channels.number(2))
            );
    }
    sqlite::Statement fingerprints = database.prepare("SELECT account, fingerprint FROM fingerprints");
    while (fingerprints.step()) {
        if (const auto found = accounts_.find(fingerprints.string(0)); found != accounts_.end())
            found->second.fingerprints.push_back(fingerprints.string(1));
    }
}

const Account* AccountStore::find(Bytes name) const {
    const auto found = accounts_.find(irc::fold(name));
    return found == accounts_.end() ? nullptr : &found->second;
}

const Account* AccountStore::findFingerprint(Bytes fingerprint) const {
    for (const auto& [key, account] : accounts_) {
        const auto& own = account.fingerprints;
        if (std::find(own.begin(), own.end(), fingerprint) != own.end())
            return &account;
    }
    return nullptr;
}

Deferred<void> AccountStore::save(Account account) {
    std::string key = irc::fold(account.name);
    const Account& kept = accounts_[key] = std::move(account);
    if (!file_)
        return succeed();
    return file_->run([key = std::move(key), copy = kept](sqlite::Database& database) {
        write(database, key, copy);
    });
}

Deferred<void> AccountStore::drop(Bytes name) {
    std::string key = irc::fold(name);
    accounts_.erase(key);
    if (!file_)
        return succeed();
    return file_->run([key = std::move(key)](sqlite::Database& database) {
        database.prepare("DELETE FROM accounts WHERE key = ?").with(key).run();
        database.prepare("DELETE FROM markers WHERE account = ?").with(key).run();
        database.prepare("DELETE FROM correspondents WHERE account = ?").with(key).run();
        removeParts(database, key);
    });
}

} // namespace twistdpp::words
