#include "twistdpp/words_server/command.h"
#include "twistdpp/words_server/past.h"
#include "twistdpp/words_server/server.h"
#include "twistdpp/words_server/session.h"

#include <array>

// MARKREAD: up to where a conversation was read, the same for all clients of an account (IRCv3
// "read-marker").

namespace twistdpp::words {

namespace {

constexpr Bytes kName = "MARKREAD";

void markread(Session& session, const irc::Message& message) {
    const User& user = session.user();
    const Bytes target = message.param(0);
    if (target.empty())
        return session.standardReply("FAIL", kName, "NEED_MORE_PARAMS", {}, "Missing parameters");
    if (!session.has(irc::Cap::readMarker))
        return session.reply(irc::numeric::ERR_UNKNOWNCOMMAND, kName);
    if (user.account.empty())
        return session.standardReply("FAIL", kName, "ACCOUNT_REQUIRED", target, "Log in first");
    if (!message.has(1))
        return sendMarker(session, target);
    Bytes text = message.param(1);
    constexpr Bytes kKey = "timestamp=";
    const auto time =
        text.substr(0, kKey.size()) == kKey ? parseTimestamp(text.substr(kKey.size())) : std::nullopt;
    if (!time || *time <= 0 || target.size() > 64)
        return session.standardReply("FAIL", kName, "INVALID_PARAMS", target, "The time is not valid");
    MarkerStore& markers = session.server().store().markers();
    const std::int64_t before = markers.find(user.account, target);
    if (markers.advance(user.account, target, *time) == before)
        return sendMarker(session, target); // an older one does not count, and others know the present one
    user.forSessions([&](Session& each) { sendMarker(each, target); });
}

constexpr std::array<Command, 1> kCommands{{
    {"MARKREAD", markread, 0},
}};
const CommandFamily family(kCommands);

} // namespace

} // namespace twistdpp::words
