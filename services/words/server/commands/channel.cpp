#include "twistdpp/words_server/command.h"
#include "twistdpp/words_server/replies.h"
#include "twistdpp/words_server/server.h"
#include "twistdpp/words_server/session.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/irc/utf8.h"

#include <algorithm>
#include <array>

// TOPIC, KICK, INVITE, NAMES: what members do with a channel.

namespace twistdpp::words {

namespace {

using namespace irc::numeric;

void topic(Session& session, const irc::Message& message) {
    Server& server = session.server();
    const User& user = session.user();
    Channel* channel = server.findChannel(message.param(0));
    if (!channel || (!channel->visibleTo(user)))
        return session.reply(ERR_NOSUCHCHANNEL, message.param(0));
    if (!message.has(1)) {
        if (!channel->has(user) && channel->is(ChannelFlag::secret))
            return session.reply(ERR_NOTONCHANNEL, channel->name);
        return sendTopic(session, *channel, true);
    }
    if (!channel->has(user) && !user.isOper())
        return session.reply(ERR_NOTONCHANNEL, channel->name);
    if (channel->is(ChannelFlag::topicLock) && !channel->hasRank(user, Rank::halfop) && !user.isOper())
        return session.reply(ERR_CHANOPRIVSNEEDED, channel->name);
    const Bytes text = message.param(1);
    channel->topic = text.substr(0, irc::utf8Boundary(text, server.options().names.topic));
    channel->topicSetter = user.prefix();
    channel->topicTime = unixTime();
    irc::LineWriter line(user.prefix(), "TOPIC");
    Event event(server, user, line.word(channel->name).trailing(channel->topic));
    server.happened(*channel, event);
    server.keeper().changed(*channel);
}

void kickOne(Session& session, Channel& channel, Bytes nick, Bytes comment) {
    Server& server = session.server();
    const User& user = session.user();
    User* victim = server.findUser(nick);
    if (!victim)
        return session.reply(ERR_NOSUCHNICK, nick);
    if (!channel.has(*victim))
        return session.reply(ERR_USERNOTINCHANNEL, victim->nick, channel.name);
    const unsigned own = Rank::highest(channel.ranks(user));
    const unsigned theirs = Rank::highest(channel.ranks(*victim));
    // Half-operators touch nobody of their own rank.
    const bool may = own >= Rank::op ? own >= theirs : own > theirs && own >= Rank::halfop;
    if (!may && !user.isOper())
        return session.reply(ERR_CHANOPRIVSNEEDED, channel.name);
    comment = comment.substr(0, irc::utf8Boundary(comment, server.options().names.kick));
    irc::LineWriter line(user.prefix(), "KICK");
    line.word(channel.name).word(victim->nick).trailing(comment.empty() ? Bytes(user.nick) : comment);
    Event event(server, user, line);
    server.happened(channel, event);
    server.part(channel, *victim);
    server.keeper().changed(*victim);
}

void kick(Session& session, const irc::Message& message) {
    Bytes rest = message.param(1);
    while (!rest.empty()) {
        // Looked up anew each time: with its last member a channel goes.
        Channel* channel = session.server().findChannel(message.param(0));
        if (!channel)
            return session.reply(ERR_NOSUCHCHANNEL, message.param(0));
        if (!channel->has(session.user()) && !session.user().isOper())
            return session.reply(ERR_NOTONCHANNEL, channel->name);
        const Bytes nick = ascii::cut(rest, ',');
        if (!nick.empty())
            kickOne(session, *channel, nick, message.param(2));
    }
}

void listInvites(Session& session) {
    for (const auto& [name, channel] : session.server().channels()) {
        const std::vector<std::uint64_t>& mine = session.user().invites;
        if (std::find(mine.begin(), mine.end(), channel->serial) != mine.end())
            session.reply(RPL_INVITELIST, channel->name);
    }
    session.reply(RPL_ENDOFINVITELIST);
}

void invite(Session& session, const irc::Message& message) {
    if (message.count == 0)
        return listInvites(session);
    if (message.count < 2)
        return session.reply(ERR_NEEDMOREPARAMS, "INVITE");
    Server& server = session.server();
    const User& user = session.user();
    User* guest = server.findUser(message.param(0));
    if (!guest)
        return session.reply(ERR_NOSUCHNICK, message.param(0));
    const Channel* channel = server.findChannel(message.param(1));
    if (!channel)
        return session.reply(ERR_NOSUCHCHANNEL, message.param(1));
    if (!channel->has(user))
        return session.reply(ERR_NOTONCHANNEL, channel->name);
    if (channel->is(ChannelFlag::inviteOnly) && !channel->hasRank(user, Rank::halfop) && !user.isOper())
        return session.reply(ERR_CHANOPRIVSNEEDED, channel->name);
    if (channel->has(*guest))
        return session.reply(ERR_USERONCHANNEL, guest->nick, channel->name);
    constexpr std::size_t kMostInvites = 32;
    std::erase(guest->invites, channel->serial);
    if (guest->invites.size() >= kMostInvites)
        guest->invites.erase(guest->invites.begin());
    guest->invites.push_back(channel->serial);
    session.reply(RPL_INVITING, guest->nick, channel->name);
    irc::LineWriter line(user.prefix(), "INVITE");
    Event event(server, user, line.word(guest->nick).word(channel->name));
    guest->deliver(event);
    for (const Channel::Member& member : channel->members()) {
        if (member.ranks >= Rank::halfop && member.user != &user)
            member.user->deliver(event, irc::Cap::inviteNotify);
    }
    if (guest->isAway())
        session.reply(RPL_AWAY, guest->nick, guest->away);
}

void names(Session& session, const irc::Message& message) {
    if (message.param(0).empty())
        return session.reply(RPL_ENDOFNAMES, "*");
    for (Bytes rest = message.param(0); !rest.empty();) {
        const Bytes name = ascii::cut(rest, ',');
        const Channel* channel = session.server().findChannel(name);
        if (channel && channel->visibleTo(session.user()))
            sendNames(session, *channel);
        else if (!name.empty())
            session.reply(RPL_ENDOFNAMES, name);
    }
}

constexpr std::array<Command, 4> kCommands{{
    {"TOPIC", topic, 1},
    {"KICK", kick, 2},
    {"INVITE", invite, 0},
    {"NAMES", names, 0, Access::registered, 2},
}};
const CommandFamily family(kCommands);

} // namespace

} // namespace twistdpp::words
