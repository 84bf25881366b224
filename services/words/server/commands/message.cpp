#include "twistdpp/words_server/command.h"
#include "twistdpp/words_server/helpers/helper.h"
#include "twistdpp/words_server/incoming_batch.h"

#include "twistdpp/words_server/saying.h"
#include "twistdpp/words_server/server.h"

#include "twistdpp/base/ascii.h"

#include <array>

// PRIVMSG, NOTICE, TAGMSG: what users say to each other.

namespace twistdpp::words {

namespace {

using namespace irc::numeric;

void say(Session& session, const irc::Message& message, Bytes command) {
    const bool silent = command == "NOTICE"; // never answered by errors
    const bool tagsOnly = command == "TAGMSG";
    const auto refuse = [&](const irc::Numeric& numeric, const auto&... params) {
        if (!silent)
            session.reply(numeric, params...);
    };
    if (session.registered() && !tagsOnly && addToBatch(session, message, command))
        return;
    if (message.param(0).empty())
        return refuse(ERR_NORECIPIENT, "No recipient given (" + std::string(command) + ")");
    if (!tagsOnly && message.param(1).empty())
        return refuse(ERR_NOTEXTTOSEND);
    const Helper* helper = tagsOnly ? nullptr : findHelper(message.param(0));
    if (!session.registered() && !(helper && helper->early && !silent))
        return refuse(ERR_NOTREGISTERED);
    if (helper) {
        if (!silent)
            tellHelper(*helper, session, message.param(1));
        return;
    }
    const std::string tags = clientOnlyTags(message.tags);
    if (tagsOnly && tags.empty())
        return;
    session.user().lastSpoke = session.server().reactor().now();
    const Saying saying(session, command, tagsOnly ? Bytes() : message.param(1), tags);
    std::size_t count = 0;
    for (Bytes rest = message.param(0); !rest.empty();) {
        const Bytes target = ascii::cut(rest, ',');
        if (target.empty())
            continue;
        if (++count > session.server().options().names.targets)
            return refuse(ERR_TOOMANYTARGETS, target);
        saying.to(target);
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
