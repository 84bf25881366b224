#include "twistdpp/words_server/command.h"
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
    const User* victim = server.findUser(message.param(0));
    if (!victim)
        return session.reply(ERR_NOSUCHNICK, message.param(0));
    const std::string by = session.user().nick;
    const std::string comment(message.param(1).empty() ? Bytes("No reason given") : message.param(1));
    server.notifyOperators(victim->prefix() + " was killed by " + by + ": " + comment);
    Session& ended = *victim->session;
    ended.send(irc::LineWriter(session.user().prefix(), "KILL").word(victim->nick).trailing(comment));
    ended.quit("Killed (" + by + " (" + comment + "))");
}

void wallops(Session& session, const irc::Message& message) {
    Server& server = session.server();
    const User& from = session.user();
    Event event(server, from, irc::LineWriter(from.prefix(), "WALLOPS").trailing(message.param(0)));
    for (const auto& [nick, user] : server.users()) {
        if (user->has(UserMode::wallops))
            user->session->deliver(event);
    }
}

/// Who has not asked for chghost sees the user leave and come back, which keeps its idea of hosts right.
void showReturn(Server& server, User& user, const std::string& former, const std::vector<User*>& others) {
    Event quit(server, user, irc::LineWriter(former, "QUIT").trailing("Changing host"));
    for (User* other : others)
        other->session->deliver(quit);
    for (const User::Place& place : user.channels) {
        const Channel& channel = *place.channel;
        irc::LineWriter plain(user.prefix(), "JOIN");
        plain.word(channel.name);
        irc::LineWriter extended = plain;
        extended.word(user.account.empty() ? Bytes("*") : Bytes(user.account)).trailing(user.realname);
        Event plainJoin(server, user, plain);
        Event extendedJoin(server, user, extended);
        irc::ModeWriter ranks;
        for (const char letter : kModeTable.prefixLetters()) {
            if ((channel.ranks(user) & Rank::ofLetter(letter)) != 0)
                ranks.add(true, letter, user.nick);
        }
        irc::LineWriter line(server.name(), "MODE");
        Event mode(server, line.word(channel.name).word(ranks.text()));
        for (User* other : others) {
            if (!channel.has(*other))
                continue;
            Session& to = *other->session;
            to.deliver(to.has(irc::Cap::extendedJoin) ? extendedJoin : plainJoin);
            if (!ranks.empty())
                to.deliver(mode);
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
    user->session->reply(RPL_VISIBLEHOST, user->host);
    std::vector<User*> others;
    server.forNeighbours(*user, [&](User& other) {
        if (other.session->has(irc::Cap::chghost))
            other.session->deliver(event);
        else
            others.push_back(&other);
    });
    if (user->session->has(irc::Cap::chghost))
        user->session->deliver(event);
    showReturn(server, *user, former, others);
    server.notifyOperators(session.user().nick + " gave " + former + " the host " + user->host);
}

constexpr std::array<Command, 4> kCommands{{
    {"OPER", oper, 2},
    {"KILL", kill, 1, Access::oper},
    {"WALLOPS", wallops, 1, Access::oper},
    {"CHGHOST", chghost, 2, Access::oper},
}};
const CommandFamily family(kCommands);

} // namespace

} // namespace twistdpp::words
