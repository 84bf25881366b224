#include "twistdpp/words_server/command.h"
#include "twistdpp/words_server/helpers/helper.h"
#include "twistdpp/words_server/server.h"
#include "twistdpp/words_server/session.h"

#include "twistdpp/base/ascii.h"

#include <array>

// ChanServ: channels that belong to an account.

namespace twistdpp::words {

namespace {

constexpr Bytes kName = "ChanServ";
constexpr std::size_t kMostChannels = 20; // of one account
constexpr std::size_t kMostAccess = 200;  // of one channel

void keep(Session& session, Deferred<void> saved, const std::string& said) {
    std::move(saved)
        .addBoth([to = session.handle(), said](const Outcome<void>& kept) {
            if (*to)
                (*to)->notice(kName, kept.ok() ? Bytes(said) : Bytes("It could not be kept; try again."));
        })
        .detach();
}

/// The record of a channel that the client founded; it is told when it did not.
std::optional<ChannelRecord> ownRecord(Session& session, Bytes name) {
    const ChannelRecord* record = session.server().store().channels().find(name);
    if (!record || record->founder.empty()) {
        session.notice(kName, std::string(name) + " is not registered.");
        return std::nullopt;
    }
    if (!irc::sameName(record->founder, session.user().account) && !session.user().isOper()) {
        session.notice(kName, "Only its founder may do that.");
        return std::nullopt;
    }
    return *record;
}

void registerChannel(Session& session, const Words& words) {
    Server& server = session.server();
    const User& user = session.user();
    Channel* channel = server.findChannel(words[0]);
    if (user.account.empty())
        return session.notice(kName, "Log in first (NickServ).");
    if (!channel || !channel->hasRank(user, Rank::op))
        return session.notice(kName, "Be an operator of that channel first.");
    if (server.keeper().isRegistered(*channel))
        return session.notice(kName, "It is registered already.");
    std::size_t own = 0;
    for (const auto& [key, record] : server.store().channels().all())
        own += irc::sameName(record.founder, user.account) ? 1 : 0;
    if (own >= kMostChannels)
        return session.notice(kName, "You have " + std::to_string(own) + " channels; that is enough.");
    ChannelRecord record = server.keeper().recordOf(*channel);
    record.founder = irc::fold(user.account);
    Deferred<void> saved = server.store().channels().save(record);
    server.keeper().changed(*channel);
    server.giveRank(*channel, user, 'q');
    keep(
        session, std::move(saved),
        channel->name + " is yours" +
            (server.store().lasting() ? "." : ", until this server is restarted: it has no database.")
    );
}

void drop(Session& session, const Words& words) {
    const auto record = ownRecord(session, words[0]);
    if (!record)
        return;
    Server& server = session.server();
    if (const Channel* channel = server.findChannel(record->name))
        server.keeper().forget(*channel);
    server.store().metadata().clear(irc::fold(record->name));
    keep(session, server.store().channels().drop(record->name), record->name + " is registered no more.");
}

void transfer(Session& session, const Words& words) {
    auto record = ownRecord(session, words[0]);
    if (!record)
        return;
    const Account* to = session.server().store().accounts().find(words[1]);
    if (!to)
        return session.notice(kName, "There is no such account.");
    record->founder = irc::fold(to->name);
    keep(
        session, session.server().store().channels().save(*record),
        record->name + " belongs to " + to->name + " now."
    );
}

void access(Session& session, const Words& words) {
    auto record = ownRecord(session, words[0]);
    if (!record)
        return;
    if (ascii::equalsIgnoreCase(words[1], "LIST")) {
        session.notice(kName, record->founder + " q");
        for (const auto& [account, rank] : record->access)
            session.notice(kName, account + " " + rank);
        return;
    }
    const std::string account = words.size() > 2 ? irc::fold(words[2]) : "";
    if (account.empty() || account.size() > 64)
        return session.notice(kName, "Whom? Say: ACCESS #CHANNEL ADD ACCOUNT q|a|o|h|v, or DEL ACCOUNT.");
    if (ascii::equalsIgnoreCase(words[1], "DEL")) {
        if (record->access.erase(account) == 0)
            return session.notice(kName, "It has none.");
        return keep(
            session, session.server().store().channels().save(*record), account + " has no rank there now."
        );
    }
    const char rank = words.size() > 3 ? words[3].front() : '\0';
    if (!ascii::equalsIgnoreCase(words[1], "ADD") || Rank::ofLetter(rank) == 0)
        return session.notice(kName, "Say: ACCESS #CHANNEL ADD ACCOUNT q|a|o|h|v, or DEL ACCOUNT, or LIST.");
    if (record->access.size() >= kMostAccess)
        return session.notice(kName, "That list is full.");
    record->access[account] = rank;
    keep(
        session, session.server().store().channels().save(*record),
        account + " gets +" + rank + " on joining."
    );
}

/// What the list gives, without leaving and joining again.
void up(Session& session, const Words& words) {
    Server& server = session.server();
    Channel* channel = server.findChannel(words[0]);
    if (!channel || !channel->has(session.user()))
        return session.notice(kName, "Be on that channel first.");
    const unsigned ranks = server.keeper().ranksFor(*channel, session.user());
    if (ranks == 0)
        return session.notice(kName, "You have no rank there.");
    for (const char letter : kModeTable.prefixLetters()) {
        if ((ranks & Rank::ofLetter(letter)) != 0)
            server.giveRank(*channel, session.user(), letter);
    }
}

void info(Session& session, const Words& words) {
    const ChannelRecord* record = session.server().store().channels().find(words[0]);
    if (!record || record->founder.empty())
        return session.notice(kName, std::string(words[0]) + " is not registered.");
    session.notice(kName, record->name + " belongs to " + record->founder);
}

constexpr std::array<HelperCommand, 6> kCommands{{
    {"REGISTER", registerChannel, 1, "#CHANNEL", "makes it your own: topic, modes and lists are kept"},
    {"ACCESS", access, 2, "#CHANNEL LIST, ADD ACCOUNT q|a|o|h|v, DEL ACCOUNT", "who gets a rank on joining"},
    {"UP", up, 1, "#CHANNEL", "gives you the rank that you have there"},
    {"INFO", info, 1, "#CHANNEL", "whose it is"},
    {"TRANSFER", transfer, 2, "#CHANNEL ACCOUNT", "gives it to someone else"},
    {"DROP", drop, 1, "#CHANNEL", "gives it up"},
}};
const Helper chanServ{kName, kCommands};
const HelperEntry entry(chanServ);

void command(Session& session, const irc::Message& message) {
    tellHelper(chanServ, session, message);
}

constexpr std::array<Command, 2> kIrcCommands{{
    {"CHANSERV", command, 1},
    {"CS", command, 1},
}};
const CommandFamily family(kIrcCommands);

} // namespace

} // namespace twistdpp::words
