#include "twistdpp/words_server/command.h"
#include "twistdpp/words_server/nick_serv.h"
#include "twistdpp/words_server/server.h"
#include "twistdpp/words_server/session.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/irc/names.h"
#include "twistdpp/irc/tags.h"

#include <algorithm>
#include <array>

// PRIVMSG, NOTICE, TAGMSG: what users say to each other.

namespace twistdpp::words {

namespace {

using namespace irc::numeric;

/// What one message is made of, for each of its targets.
struct Saying {
    Session& session;
    Bytes command;
    Bytes text;
    std::string tags; // client-only ones
    bool silent;      // a NOTICE is never answered by errors
    bool tagsOnly;

    template <class... Params>
    void refuse(const irc::Numeric& numeric, const Params&... params) const {
        if (!silent)
            session.reply(numeric, params...);
    }
    /// The event as it goes to `target`.
    Event event(Bytes target) const {
        irc::LineWriter line(session.user().prefix(), command);
        line.word(target);
        if (!tagsOnly)
            line.trailing(text);
        Event made(session.server(), session.user(), line, tags);
        if (tagsOnly)
            made.setOnlyTags();
        return made;
    }
};

std::string clientTags(Bytes tags) {
    std::string out;
    irc::TagReader reader(tags);
    for (irc::Tag tag; reader.next(tag);) {
        if (!tag.clientOnly())
            continue;
        out.append(out.empty() ? "" : ";").append(tag.key);
        if (!tag.value.empty())
            out.append("=").append(tag.value);
    }
    return out;
}

void toChannel(const Saying& saying, Bytes target) {
    Session& session = saying.session;
    // "@#channel": those of that rank and above (STATUSMSG).
    unsigned least = 0;
    Bytes name = target;
    while (!name.empty() && Rank::ofSymbol(name.front()) != 0) {
        least = least == 0 ? Rank::ofSymbol(name.front()) : std::min(least, Rank::ofSymbol(name.front()));
        name.remove_prefix(1);
    }
    const Channel* channel = session.server().findChannel(name);
    if (!channel)
        return saying.refuse(ERR_NOSUCHCHANNEL, target);
    if (!channel->maySpeak(session.user()))
        return saying.refuse(ERR_CANNOTSENDTOCHAN, channel->name, "Cannot send to channel");
    Event event = saying.event(least == 0 ? Bytes(channel->name) : target);
    if (least == 0) {
        session.server().tell(*channel, event, &session.user());
    } else {
        for (const Channel::Member& member : channel->members()) {
            if (member.ranks >= least && member.user != &session.user())
                member.user->deliver(event);
        }
    }
    // The other connections of who speaks see it as any member; its own only when it asks for it.
    session.user().forSessions([&](Session& own) {
        if (&own != &session || own.has(irc::Cap::echoMessage))
            own.deliver(event);
    });
}

void toUser(const Saying& saying, Bytes target) {
    Session& session = saying.session;
    const User* user = session.server().findUser(target);
    if (!user)
        return saying.refuse(ERR_NOSUCHNICK, target);
    Event event = saying.event(user->nick);
    user->deliver(event);
    if (user != &session.user())
        session.user().deliver(event, irc::Cap::echoMessage);
    else if (session.has(irc::Cap::echoMessage))
        session.deliver(event); // to oneself: once as the receiver, once as the speaker
    if (user->isAway() && !saying.tagsOnly)
        saying.refuse(RPL_AWAY, user->nick, user->away);
}

void say(Session& session, const irc::Message& message, Bytes command) {
    const bool tagsOnly = command == "TAGMSG";
    const Saying saying{session, command, message.param(1), clientTags(message.tags), command == "NOTICE",
                        tagsOnly};
    if (message.param(0).empty())
        return saying.refuse(ERR_NORECIPIENT, "No recipient given (" + std::string(command) + ")");
    if (!tagsOnly && message.param(1).empty())
        return saying.refuse(ERR_NOTEXTTOSEND);
    if (command == "PRIVMSG" && irc::sameName(message.param(0), "NickServ"))
        return nickServ(session, message.param(1));
    if (!session.registered())
        return saying.refuse(ERR_NOTREGISTERED);
    if (tagsOnly && saying.tags.empty())
        return;
    session.user().lastSpoke = session.server().reactor().now();
    std::size_t count = 0;
    for (Bytes rest = message.param(0); !rest.empty();) {
        const Bytes target = ascii::cut(rest, ',');
        if (target.empty())
            continue;
        if (++count > session.server().options().names.targets)
            return saying.refuse(ERR_TOOMANYTARGETS, target);
        const bool channel =
            irc::looksLikeChannel(target) || (Rank::ofSymbol(target.front()) != 0 && target.size() > 1);
        channel ? toChannel(saying, target) : toUser(saying, target);
    }
}

void privmsg(Session& session, const irc::Message& message) {
    say(session, message, "PRIVMSG");
}
void notice(Session& session, const irc::Message& message) {
    say(session, message, "NOTICE");
}
void tagmsg(Session& session, const irc::Message& message) {
    if (!session.has(irc::Cap::messageTags))
        return session.reply(ERR_UNKNOWNCOMMAND, "TAGMSG");
    say(session, message, "TAGMSG");
}

constexpr std::array<Command, 3> kCommands{{
    {"PRIVMSG", privmsg, 0, Access::anyone}, // NickServ listens before registration too
    {"NOTICE", notice, 0, Access::anyone},
    {"TAGMSG", tagmsg, 0},
}};
const CommandFamily family(kCommands);

} // namespace

} // namespace twistdpp::words
