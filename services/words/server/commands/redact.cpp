#include "twistdpp/words_server/command.h"
#include "twistdpp/words_server/past.h"
#include "twistdpp/words_server/server.h"
#include "twistdpp/words_server/session.h"

#include "twistdpp/irc/utf8.h"

#include <array>

// REDACT: takes back what was said (IRCv3 "message-redaction").

namespace twistdpp::words {

namespace {

constexpr Bytes kName = "REDACT";

void refuse(Session& session, Bytes code, Bytes context, Bytes text) {
    session.standardReply("FAIL", kName, code, context, text);
}

/// Who spoke may take it back, and who keeps order in the channel.
bool may(const Session& session, Bytes target, const HistoryItem& item) {
    const User& user = session.user();
    if (user.isOper() || (!item.account.empty() && irc::sameName(item.account, user.account)))
        return true;
    const Channel* channel = session.server().findChannel(target);
    return channel && channel->hasRank(user, Rank::halfop);
}

void tell(Session& session, const std::string& target, const std::string& id, const std::string& reason) {
    const User& user = session.user();
    irc::LineWriter line(user.prefix(), kName);
    const Channel* channel = session.server().findChannel(target);
    const User* other = channel ? nullptr : session.server().findUser(target);
    line.word(channel ? channel->name : other ? other->nick : target).word(id);
    if (!reason.empty())
        line.trailing(reason);
    Event event(session.server(), user, line);
    if (channel) {
        for (const Channel::Member& member : channel->members()) {
            if (member.user != &user)
                member.user->deliver(event, irc::Cap::messageRedaction);
        }
    } else if (other && other != &user) {
        other->deliver(event, irc::Cap::messageRedaction);
    }
    user.deliver(event, irc::Cap::messageRedaction);
}

void redact(Session& session, const irc::Message& message) {
    if (!session.has(irc::Cap::messageRedaction))
        return session.reply(irc::numeric::ERR_UNKNOWNCOMMAND, kName);
    const std::string target(message.param(0));
    const std::string id(message.param(1));
    const auto history = historyOf(session, target);
    if (!history)
        return refuse(session, "INVALID_TARGET", target, "You cannot take back messages there");
    const Bytes text = message.param(2);
    const std::string reason(text.substr(0, irc::utf8Boundary(text, session.server().options().names.kick)));
    session.server()
        .store()
        .history()
        .find(*history, id)
        .addBoth([to = session.handle(), label = std::shared_ptr<LabeledReply>(session.deferLabel()), target,
                  id, reason, history = *history](const Outcome<std::optional<HistoryItem>>& found) {
            if (!*to || (*to)->closed())
                return;
            Session& asking = **to;
            const LateAnswer late(asking, label);
            if (!found.ok() || !found.value()) {
                refuse(asking, "UNKNOWN_MSGID", target + " " + id, "There is no such message any more");
            } else if (!may(asking, target, *found.value())) {
                refuse(asking, "REDACT_FORBIDDEN", target + " " + id, "You may not take back this message");
            } else {
                asking.server().store().history().redact(history, id);
                tell(asking, target, id, reason);
            }
        })
        .detach();
}

constexpr std::array<Command, 1> kCommands{{
    {"REDACT", redact, 2},
}};
const CommandFamily family(kCommands);

} // namespace

} // namespace twistdpp::words
