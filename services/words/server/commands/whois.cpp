#include "twistdpp/words_server/command.h"
#include "twistdpp/words_server/server.h"
#include "twistdpp/words_server/session.h"

#include "twistdpp/base/ascii.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

// WHOIS and WHOWAS.

namespace twistdpp::words {

namespace {

using namespace irc::numeric;

void sendChannels(Session& session, const User& user) {
    irc::LineWriter start(session.server().name(), RPL_WHOISCHANNELS.code);
    start.word(session.target()).word(user.nick).put(" :");
    irc::LineWriter line = start;
    for (const User::Place& place : user.channels) {
        const Channel& channel = *place.channel;
        const bool together = channel.has(session.user());
        // Who is invisible is shown on channels that both are on.
        if (!channel.visibleTo(session.user()) || (user.has(UserMode::invisible) && !together &&
                                                   &user != &session.user() && !session.user().isOper()))
            continue;
        const std::string symbols = Rank::symbols(channel.ranks(user), session.has(irc::Cap::multiPrefix));
        if (line.room() < symbols.size() + channel.name.size() + 1) {
            session.send(line);
            line = start;
        }
        line.put(line.size() > start.size() ? " " : "").put(symbols).put(channel.name);
    }
    if (line.size() > start.size())
        session.send(line);
}

void show(Session& session, const User& user) {
    const Server& server = session.server();
    session.reply(RPL_WHOISUSER, user.nick, user.ident, user.host, "*", user.realname);
    sendChannels(session, user);
    session.reply(RPL_WHOISSERVER, user.nick, server.name(), server.options().network);
    if (user.isAway())
        session.reply(RPL_AWAY, user.nick, user.away);
    if (user.isOper())
        session.reply(RPL_WHOISOPERATOR, user.nick);
    if (user.has(UserMode::bot))
        session.reply(RPL_WHOISBOT, user.nick);
    if (&user == &session.user() || session.user().isOper())
        session.reply(RPL_WHOISACTUALLY, user.nick, user.ident + "@" + user.realHost, user.realHost);
    if (!user.account.empty())
        session.reply(RPL_WHOISACCOUNT, user.nick, user.account);
    const Duration idle = server.reactor().now() - user.lastSpoke;
    session.reply(
        RPL_WHOISIDLE, user.nick,
        std::to_string(std::chrono::duration_cast<std::chrono::seconds>(idle).count()),
        std::to_string(user.signedOn)
    );
}

void whois(Session& session, const irc::Message& message) {
    // With two parameters the first names a server, which is this one whatever it says.
    Bytes names = message.param(message.count > 1 ? 1 : 0);
    if (names.empty())
        return session.reply(ERR_NONICKNAMEGIVEN);
    const Bytes nick = ascii::cut(names, ',');
    if (const User* user = session.server().findUser(nick)) {
        show(session, *user);
        return session.reply(RPL_ENDOFWHOIS, user->nick);
    }
    session.reply(ERR_NOSUCHNICK, nick.empty() ? Bytes("*") : nick);
    session.reply(RPL_ENDOFWHOIS, nick.empty() ? Bytes("*") : nick);
}

void whowas(Session& session, const irc::Message& message) {
    const Bytes nick = message.param(0);
    if (nick.empty())
        return session.reply(ERR_NONICKNAMEGIVEN);
    long most = 0;
    const Bytes count = message.param(1);
    std::from_chars(count.data(), count.data() + count.size(), most);
    long shown = 0;
    for (const WhowasList::Entry& entry : session.server().whowas().entries()) {
        if (!irc::sameName(entry.nick, nick))
            continue;
        session.reply(RPL_WHOWASUSER, entry.nick, entry.ident, entry.host, "*", entry.realname);
        const auto left = static_cast<std::time_t>(entry.left);
        std::tm parts{};
        ::gmtime_r(&left, &parts);
        std::array<char, 40> text{};
        std::strftime(text.data(), text.size(), "%a %b %d %H:%M:%S %Y", &parts);
        session.reply(RPL_WHOISSERVER, entry.nick, session.server().name(), text.data());
        if (!entry.account.empty())
            session.reply(RPL_WHOISACCOUNT, entry.nick, entry.account);
        if (++shown == most)
            break;
    }
    if (shown == 0)
        session.reply(ERR_WASNOSUCHNICK, nick);
    session.reply(RPL_ENDOFWHOWAS, nick);
}

constexpr std::array<Command, 2> kCommands{{
    {"WHOIS", whois, 0},
    {"WHOWAS", whowas, 0},
}};
const CommandFamily family(kCommands);

} // namespace

} // namespace twistdpp::words
