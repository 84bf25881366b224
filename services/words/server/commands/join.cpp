#include "twistdpp/words_server/command.h"
#include "twistdpp/words_server/join_events.h"
#include "twistdpp/words_server/past.h"
#include "twistdpp/words_server/replies.h"
#include "twistdpp/words_server/server.h"
#include "twistdpp/words_server/session.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/irc/names.h"

#include <array>

// JOIN and PART.

namespace twistdpp::words {

namespace {

using namespace irc::numeric;

/// The ranks that come with an account are told by the server, since nobody else gave them.
void announceRanks(Server& server, const Channel& channel, const User& user, unsigned ranks) {
    irc::ModeWriter changes;
    for (const char letter : kModeTable.prefixLetters()) {
        if ((ranks & Rank::ofLetter(letter)) != 0)
            changes.add(true, letter, user.nick);
    }
    irc::LineWriter line(server.name(), "MODE");
    Event event(server, line.word(channel.name).word(changes.text()));
    for (const Channel::Member& member : channel.members()) {
        if (member.user != &user) // who has joined sees them in the names
            member.user->deliver(event);
    }
}

/// The JOIN, and what follows it for who has asked to know: "away".
void announce(Server& server, const Channel& channel, const User& user, unsigned ranks) {
    JoinEvents joins(server, user, channel);
    for (const Channel::Member& member : channel.members())
        joins.deliver(*member.user);
    server.remember(channel, joins.forCaps({}), HistoryItem::Kind::event);
    if (ranks > 0)
        announceRanks(server, channel, user, ranks);
    if (!user.isAway())
        return;
    Event away(server, user, irc::LineWriter(user.prefix(), "AWAY").trailing(user.away));
    for (const Channel::Member& member : channel.members()) {
        if (member.user != &user)
            member.user->deliver(away, irc::Cap::awayNotify);
    }
}

/// Why `user` may not join, or nullptr.
const irc::Numeric* refusal(const Channel& channel, const User& user, Bytes key) {
    if (user.isOper())
        return nullptr;
    const bool invited = channel.isInvited(user);
    if (channel.is(ChannelFlag::inviteOnly) && !invited)
        return &ERR_INVITEONLYCHAN;
    if (!channel.key.empty() && channel.key != key)
        return &ERR_BADCHANNELKEY;
    if (channel.isBanned(user) && !invited)
        return &ERR_BANNEDFROMCHAN;
    if (channel.is(ChannelFlag::accountsJoin) && user.account.empty() && !invited)
        return &ERR_NEEDREGGEDNICK;
    if (channel.limit > 0 && channel.members().size() >= channel.limit)
        return &ERR_CHANNELISFULL;
    return nullptr;
}

void joinOne(Session& session, Bytes name, Bytes key) {
    Server& server = session.server();
    User& user = session.user();
    const NameLimits& most = server.options().names;
    if (!irc::isChannel(name, most.channel))
        return irc::looksLikeChannel(name) ? session.reply(ERR_BADCHANMASK, name)
                                           : session.reply(ERR_NOSUCHCHANNEL, name);
    Channel* channel = server.findChannel(name);
    if (channel && channel->has(user))
        return;
    if (user.channels.size() >= most.channels)
        return session.reply(ERR_TOOMANYCHANNELS, name);
    unsigned ranks = 0;
    if (!channel) {
        channel = &server.makeChannel(name);
        if (!server.keeper().isRegistered(*channel))
            ranks = Rank::op;
    }
    const unsigned kept = server.keeper().ranksFor(*channel, user);
    ranks |= kept;
    if (ranks > 0) {
        // Who founded it or is an operator there gets in.
    } else if (const irc::Numeric* why = refusal(*channel, user, key)) {
        session.reply(*why, channel->name);
        return server.dropIfEmpty(*channel);
    }
    std::erase(user.invites, channel->serial);
    channel->add(user, ranks);
    announce(server, *channel, user, kept);
    user.forSessions([&](Session& each) {
        sendTopic(each, *channel, false);
        sendMarker(each, channel->name);
        if (!each.has(irc::Cap::noImplicitNames))
            sendNames(each, *channel);
    });
    server.keeper().changed(user);
}

void partOne(Session& session, Channel& channel, Bytes reason) {
    const User& user = session.user();
    irc::LineWriter line(user.prefix(), "PART");
    line.word(channel.name);
    if (!reason.empty())
        line.trailing(reason);
    Event event(session.server(), user, line);
    session.server().happened(channel, event);
    session.server().part(channel, session.user());
    session.server().keeper().changed(user);
}

void join(Session& session, const irc::Message& message) {
    if (message.param(0) == "0" && message.count == 1) {
        while (!session.user().channels.empty())
            partOne(session, *session.user().channels.back().channel, "Left all channels");
        return;
    }
    Bytes keys = message.param(1);
    for (Bytes rest = message.param(0); !rest.empty();) {
        const Bytes name = ascii::cut(rest, ',');
        const Bytes key = ascii::cut(keys, ',');
        if (!name.empty())
            joinOne(session, name, key);
    }
}

void part(Session& session, const irc::Message& message) {
    for (Bytes rest = message.param(0); !rest.empty();) {
        const Bytes name = ascii::cut(rest, ',');
        if (name.empty())
            continue;
        Channel* channel = session.server().findChannel(name);
        if (!channel)
            session.reply(ERR_NOSUCHCHANNEL, name);
        else if (!channel->has(session.user()))
            session.reply(ERR_NOTONCHANNEL, channel->name);
        else
            partOne(session, *channel, message.param(1));
    }
}

constexpr std::array<Command, 2> kCommands{{
    {"JOIN", join, 1},
    {"PART", part, 1},
}};
const CommandFamily family(kCommands);

} // namespace

} // namespace twistdpp::words
