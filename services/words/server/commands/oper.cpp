#include "twistdpp/words_server/command.h"
#include "twistdpp/words_server/join_events.h"
#include "twistdpp/words_server/server.h"
#include "twistdpp/words_server/session.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/irc/names.h"

#include <algorithm>
#include <array>

// OPER, KILL, WALLOPS, CHGHOST: operators of the server.

namespace twistdpp::words {

namespace {

using namespace irc::numeric;

void oper(Session& session, const irc::Message& message) {
    if (!session.loggingIn())
        session.becomeOperator(std::string(message.param(0)), message.param(1));
}

void kill(Session& session, const irc::Message& message) {
    Server& server = session.server();
    User* victim = server.findUser(message.param(0));
    if (!victim)
        return session.reply(ERR_NOSUCHNICK, message.param(0));
    const std::string by = session.user().nick;
    const std::string comment(message.param(1).empty() ? Bytes("No reason given") : message.param(1));
    server.notifyOperators(victim->prefix() + " was killed by " + by + ": " + comment);
    const std::string reason = "Killed (" + by + " (" + comment + "))";
    irc::LineWriter line(session.user().prefix(), "KILL");
    line.word(victim->nick).trailing(comment);
    victim->forSessions([&](Session& ended) { ended.send(line); });
    server.remove(*victim, reason);
}

void wallops(Session& session, const irc::Message& message) {
    Server& server = session.server();
    const User& from = session.user();
    Event event(server, from, irc::LineWriter(from.prefix(), "WALLOPS").trailing(message.param(0)));
    for (const auto& [nick, user] : server.users()) {
        if (user->has(UserMode::wallops))
            user->deliver(event);
    }
}

/// Who has not asked for chghost sees the user leave and come back, which keeps its idea of hosts right.
void showReturn(
    Server& server, const User& user, const std::string& former, const std::vector<Session*>& others
) {
    Event quit(server, user, irc::LineWriter(former, "QUIT").trailing("Changing host"));
    for (Session* other : others)
        other->deliver(quit);
    for (const User::Place& place : user.channels) {
        const Channel& channel = *place.channel;
        JoinEvents joins(server, user, channel);
        irc::ModeWriter ranks;
        for (const char letter : kModeTable.prefixLetters()) {
            if ((channel.ranks(user) & Rank::ofLetter(letter)) != 0)
                ranks.add(true, letter, user.nick);
        }
        irc::LineWriter line(server.name(), "MODE");
        Event mode(server, line.word(channel.name).word(ranks.text()));
        for (Session* other : others) {
            if (!channel.has(other->user()))
                continue;
            other->deliver(joins.forCaps(other->caps()));
            if (!ranks.empty())
                other->deliver(mode);
        }
    }
}

void chghost(Session& session, const irc::Message& message) {
    Server& server = session.server();
    User* user = server.findUser(message.param(0));
    if (!user)
        return session.reply(ERR_NOSUCHNICK, message.param(0));
    const Bytes host = message.param(1);
    const bool good =
        !host.empty() && host.size() <= 63 && host.front() != ':' &&
        std::all_of(host.begin(), host.end(), [](char c) {
            return ascii::isAlpha(c) || ascii::isDigit(c) || c == '.' || c == '-' || c == ':' || c == '/';
        });
    if (!good)
        return session.standardReply("FAIL", "CHGHOST", "INVALID_HOST", {}, "That is not a host name");
    const std::string former = user->prefix();
    irc::LineWriter line(former, "CHGHOST");
    Event event(server, *user, line.word(user->ident).word(host));
    user->host = host;
    user->updatePrefix();
    user->forSessions([&](Session& own) { own.reply(RPL_VISIBLEHOST, own.user().host); });
    std::vector<Session*> others;
    server.forNeighbours(*user, [&](const User& other) {
        other.forSessions([&](Session& to) {
            if (to.has(irc::Cap::chghost))
                to.deliver(event);
            else
                others.push_back(&to);
        });
    });
    user->deliver(event, irc::Cap::chghost);
    showReturn(server, *user, former, others);
    server.notifyOperators(session.user().nick + " gave " + former + " the host " + user->host);
}

void rehash(Session& session, const irc::Message&) {
    Server& server = session.server();
    server.notifyOperators(session.user().nick + " has the options read anew");
    if (!server.rehash())
        return session.standardReply("FAIL", "REHASH", "CANNOT_REHASH", {}, "This server cannot do that");
    session.reply(RPL_REHASHING, "options");
}

constexpr std::array<Command, 5> kCommands{{
    {"REHASH", rehash, 0, Access::oper},
    {"OPER", oper, 2},
    {"KILL", kill, 1, Access::oper},
    {"WALLOPS", wallops, 1, Access::oper},
    {"CHGHOST", chghost, 2, Access::oper},
}};
const CommandFamily family(kCommands);

} // namespace

} // namespace twistdpp::words
