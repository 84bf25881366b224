#include "twistdpp/words_server/command.h"
#include "twistdpp/words_server/helpers/helper.h"
#include "twistdpp/words_server/server.h"
#include "twistdpp/words_server/session.h"

#include "twistdpp/irc/names.h"

#include <array>

// PASS, NICK, USER, QUIT, PING, PONG, SETNAME: who one is, and the connection itself.

namespace twistdpp::words {

namespace {

using namespace irc::numeric;

void pass(Session& session, const irc::Message& message) {
    if (session.registered())
        return session.reply(ERR_ALREADYREGISTERED);
    session.setPassword(message.param(0));
}

void changeNick(Session& session, Bytes nick) {
    User& user = session.user();
    if (user.nick == nick)
        return;
    Server& server = session.server();
    irc::LineWriter line(user.prefix(), "NICK");
    Event event(server, user, line.trailing(nick));
    const bool sameName = irc::sameName(user.nick, nick);
    const std::string former = std::exchange(user.nick, std::string(nick));
    user.updatePrefix();
    if (!sameName) {
        if (user.account.empty())
            server.store().metadata().clear("*" + irc::fold(former));
        server.whowas().add(user, former);
        server.rename(user, former);
    }
    user.deliver(event);
    server.tellNeighbours(user, event);
    server.rememberEverywhere(user, event);
    server.keeper().changed(user);
}

void nick(Session& session, const irc::Message& message) {
    const Bytes nick = message.param(0);
    if (nick.empty())
        return session.reply(ERR_NONICKNAMEGIVEN);
    if (!irc::isNick(nick, session.server().options().names.nick))
        return session.reply(ERR_ERRONEUSNICKNAME, nick.find(' ') == Bytes::npos ? nick : Bytes("*"));
    const User* holder = session.server().findUser(nick);
    const bool taken = holder && holder != &session.user() && !session.mayShareWith(*holder);
    if (taken || findHelper(nick) || (session.isReserved(nick) && !session.mayLogInYet()))
        return session.reply(ERR_NICKNAMEINUSE, nick);
    if (session.registered())
        return changeNick(session, nick);
    session.user().nick = nick;
    session.user().updatePrefix();
    session.tryRegister();
}

void user(Session& session, const irc::Message& message) {
    User& user = session.user();
    if (session.registered() || !user.ident.empty())
        return session.reply(ERR_ALREADYREGISTERED);
    if (message.param(0).empty())
        return session.reply(ERR_NEEDMOREPARAMS, "USER");
    const NameLimits& most = session.server().options().names;
    std::string ident;
    for (const char c : message.param(0)) {
        if (ident.size() < most.user && irc::isUser(Bytes(&c, 1), 1))
            ident += c;
    }
    user.ident = ident.empty() ? "user" : ident;
    const Bytes realname = message.param(3);
    user.realname = realname.substr(0, irc::utf8Boundary(realname, most.realname));
    if (user.realname.empty())
        user.realname = user.ident;
    user.updatePrefix();
    session.tryRegister();
}

void setname(Session& session, const irc::Message& message) {
    const Bytes realname = message.param(0);
    if (realname.empty() || realname.size() > session.server().options().names.realname)
        return session.standardReply("FAIL", "SETNAME", "INVALID_REALNAME", {}, "Realname is not valid");
    User& user = session.user();
    user.realname = realname;
    Event event(session.server(), user, irc::LineWriter(user.prefix(), "SETNAME").trailing(realname));
    user.deliver(event, irc::Cap::setname);
    session.server().tellNeighbours(user, event, irc::Cap::setname);
}

void quit(Session& session, const irc::Message& message) {
    const Bytes reason = message.param(0);
    session.quit(reason.empty() ? std::string("Client quit") : "Quit: " + std::string(reason));
}

void ping(Session& session, const irc::Message& message) {
    if (message.param(0).empty())
        return session.reply(ERR_NOORIGIN);
    const Bytes name = session.server().name();
    session.send(irc::LineWriter(name, "PONG").word(name).trailing(message.param(0)));
}

/// Any line shows that the client is there; this one says nothing else.
void pong(Session&, const irc::Message&) {}

constexpr std::array<Command, 7> kCommands{{
    {"PASS", pass, 1, Access::anyone},
    {"NICK", nick, 0, Access::anyone, 2},
    {"USER", user, 4, Access::anyone},
    {"SETNAME", setname, 1},
    {"QUIT", quit, 0, Access::anyone},
    {"PING", ping, 0, Access::anyone},
    {"PONG", pong, 0, Access::anyone},
}};
const CommandFamily family(kCommands);

} // namespace

} // namespace twistdpp::words
