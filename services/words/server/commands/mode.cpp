#include "twistdpp/words_server/channel_mode.h"
#include "twistdpp/words_server/command.h"
#include "twistdpp/words_server/server.h"
#include "twistdpp/words_server/session.h"
#include "twistdpp/words_server/user_mode.h"

#include "twistdpp/irc/names.h"

#include <array>

// MODE, of channels and of users.

namespace twistdpp::words {

namespace {

using namespace irc::numeric;

void userMode(Session& session, const irc::Message& message) {
    User& user = session.user();
    if (!irc::sameName(message.param(0), user.nick))
        return session.server().findUser(message.param(0)) ? session.reply(ERR_USERSDONTMATCH)
                                                           : session.reply(ERR_NOSUCHNICK, message.param(0));
    if (message.count == 1)
        return session.reply(RPL_UMODEIS, userModeText(user));
    irc::ModeWriter changes;
    bool adding = true;
    bool unknown = false;
    for (const char c : message.param(1)) {
        if (c == '+' || c == '-') {
            adding = c == '+';
            continue;
        }
        const auto at = kUserModeLetters.find(c);
        const unsigned bit = at == Bytes::npos ? 0 : 1U << at;
        unknown = unknown || bit == 0;
        // Only OPER makes an operator, and only operators get the server's notices.
        const bool allowed = bit != UserMode::oper || !adding;
        const bool forOper = bit == UserMode::notices && adding && !user.isOper();
        if (bit == 0 || !allowed || forOper || user.has(bit) == adding)
            continue;
        user.modes ^= bit;
        changes.add(adding, c);
        if (bit == UserMode::invisible)
            session.server().countInvisible(adding ? 1 : -1);
        if (bit == UserMode::oper) {
            session.server().countOperator(-1);
            if (user.has(UserMode::notices)) {
                user.modes &= ~UserMode::notices;
                changes.add(false, 's');
            }
        }
    }
    if (unknown)
        session.reply(ERR_UMODEUNKNOWNFLAG);
    if (changes.empty())
        return;
    irc::LineWriter line(user.prefix(), "MODE");
    line.word(user.nick).trailing(changes.text());
    user.forSessions([&](Session& own) { own.send(line); });
}

void mode(Session& session, const irc::Message& message) {
    if (irc::looksLikeChannel(message.param(0)))
        channelMode(session, message);
    else
        userMode(session, message);
}

constexpr std::array<Command, 1> kCommands{{
    {"MODE", mode, 1},
}};
const CommandFamily family(kCommands);

} // namespace

} // namespace twistdpp::words
