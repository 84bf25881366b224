#include "twistdpp/words_server/command.h"
#include "twistdpp/words_server/server.h"
#include "twistdpp/words_server/server_ban.h"
#include "twistdpp/words_server/session.h"

#include "twistdpp/base/number.h"

#include <array>

// KLINE and UNKLINE: bans of the whole server.

namespace twistdpp::words {

namespace {

using namespace irc::numeric;

/// All who are here and fit it; operators are spared.
void enforce(Server& server, const ServerBan& ban) {
    std::vector<std::string> nicks;
    for (const auto& [nick, user] : server.users()) {
        if (!user->isOper() && fitsBan(ban.mask, *user))
            nicks.push_back(nick);
    }
    for (const std::string& nick : nicks) {
        if (User* user = server.findUser(nick))
            server.remove(*user, "Banned: " + ban.reason);
    }
}

/// "KLINE [MINUTES] user@host [:reason]".
void kline(Session& session, const irc::Message& message) {
    Server& server = session.server();
    const auto minutes = parseUnsigned<std::uint32_t>(message.param(0));
    const std::size_t at = minutes ? 1 : 0;
    ServerBan ban;
    ban.mask = message.param(at);
    if (ban.mask.find('@') == std::string::npos)
        ban.mask.insert(0, "*@");
    if (!isBanMask(ban.mask))
        return session.standardReply(
            "FAIL", "KLINE", "INVALID_MASK", ban.mask, "Say user@host, with wildcards, or user@ADDRESS/BITS"
        );
    ban.reason = message.param(at + 1).empty() ? Bytes("No reason given") : message.param(at + 1);
    ban.setter = session.user().nick;
    ban.created = unixTime();
    ban.expires = minutes && *minutes > 0 ? ban.created + std::int64_t{60} * *minutes : 0;
    server.store()
        .bans()
        .save(ban)
        .addErrback([](const Failure&) {}) // the store has told it; until the end of the process it holds
        .detach();
    server.notifyOperators(
        ban.setter + " banned " + ban.mask +
        (minutes ? " for " + std::to_string(*minutes) + " minutes" : "") + ": " + ban.reason
    );
    enforce(server, ban);
}

void unkline(Session& session, const irc::Message& message) {
    std::string mask(message.param(0));
    if (mask.find('@') == std::string::npos)
        mask.insert(0, "*@");
    if (!session.server().store().bans().drop(mask))
        return session.standardReply("FAIL", "UNKLINE", "NO_SUCH_BAN", mask, "There is no such ban");
    session.server().notifyOperators(session.user().nick + " took the ban of " + mask + " back");
}

constexpr std::array<Command, 2> kCommands{{
    {"KLINE", kline, 1, Access::oper},
    {"UNKLINE", unkline, 1, Access::oper},
}};
const CommandFamily family(kCommands);

} // namespace

} // namespace twistdpp::words
