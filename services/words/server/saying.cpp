#include "twistdpp/words_server/saying.h"

#include "twistdpp/words_server/multiline.h"
#include "twistdpp/words_server/server.h"

#include "twistdpp/irc/names.h"
#include "twistdpp/irc/tags.h"

#include <algorithm>

namespace twistdpp::words {

using namespace irc::numeric;

Saying::Saying(Session& session, const Multiline& lines, Bytes tags) noexcept
    : session_(session), command_(lines.command), tags_(tags), lines_(&lines) {}

Event Saying::event(Bytes target) const {
    const User& from = session_.user();
    if (lines_)
        return {session_.server(), from, *lines_, target, tags_};
    irc::LineWriter line(from.prefix(), command_);
    line.word(target);
    if (!tagsOnly())
        line.trailing(text_);
    Event made(session_.server(), from, line, tags_);
    if (tagsOnly())
        made.setOnlyTags();
    return made;
}

void Saying::to(Bytes target) const {
    const bool channel =
        irc::looksLikeChannel(target) || (target.size() > 1 && Rank::ofSymbol(target.front()) != 0);
    channel ? toChannel(target) : toUser(target);
}

void Saying::toChannel(Bytes target) const {
    unsigned least = 0;
    Bytes name = target;
    while (!name.empty() && Rank::ofSymbol(name.front()) != 0) {
        least = least == 0 ? Rank::ofSymbol(name.front()) : std::min(least, Rank::ofSymbol(name.front()));
        name.remove_prefix(1);
    }
    const Channel* channel = session_.server().findChannel(name);
    if (!channel)
        return refuse(ERR_NOSUCHCHANNEL, target);
    const User& from = session_.user();
    if (!channel->maySpeak(from))
        return refuse(ERR_CANNOTSENDTOCHAN, channel->name, "Cannot send to channel");
    // ACTION is how people speak, too.
    if (channel->is(ChannelFlag::noCtcp) && text_.starts_with("\x01") &&
        !text_.starts_with("\x01"
                           "ACTION"))
        return refuse(ERR_CANNOTSENDTOCHAN, channel->name, "Cannot send CTCP to channel (+C)");
    Event said = event(least == 0 ? Bytes(channel->name) : target);
    if (least == 0) {
        session_.server().tell(*channel, said, &from);
    } else {
        for (const Channel::Member& member : channel->members()) {
            if (member.ranks >= least && member.user != &from)
                member.user->deliver(said);
        }
    }
    if (least == 0)
        session_.server().remember(*channel, said, kind());
    // The other connections of who speaks see it as any member; its own only when it asks for it.
    from.forSessions([&](Session& own) {
        if (&own != &session_ || own.has(irc::Cap::echoMessage))
            own.deliver(said);
    });
}

void Saying::toUser(Bytes target) const {
    const User* user = session_.server().findUser(target);
    if (!user)
        return refuse(ERR_NOSUCHNICK, target);
    Event said = event(user->nick);
    user->deliver(said);
    if (user != &session_.user())
        session_.user().deliver(said, irc::Cap::echoMessage);
    else if (session_.has(irc::Cap::echoMessage))
        session_.deliver(said); // to oneself: once as the receiver, once as the speaker
    remember(*user, said);
    if (user->isAway() && !tagsOnly())
        refuse(RPL_AWAY, user->nick, user->away);
}

void Saying::remember(const User& to, const Event& said) const {
    // Only between people who can prove later who they were.
    const User& from = session_.user();
    Server& server = session_.server();
    if (from.account.empty() || to.account.empty() || server.options().history.messages == 0)
        return;
    const std::string one = irc::fold(from.account);
    const std::string other = irc::fold(to.account);
    HistoryItem item = said.item(conversation(one, other), kind());
    if (!tagsOnly())
        server.store().history().met(one, other, item.time);
    server.store().history().append(std::move(item));
}

std::string clientOnlyTags(Bytes tags) {
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

} // namespace twistdpp::words
