#include "twistdpp/words_server/command.h"
#include "twistdpp/words_server/server.h"
#include "twistdpp/words_server/session.h"

#include "twistdpp/base/ascii.h"

#include <array>

// WEBIRC: a gateway says who is behind it (ircv3.net/specs/extensions/webirc).

namespace twistdpp::words {

namespace {

/// Whether the gateway says that its client's connection to it is encrypted.
bool saysSecure(Bytes options) {
    while (!options.empty()) {
        const Bytes option = ascii::cut(options, ' ');
        if (option == "secure" || option.starts_with("secure="))
            return true;
    }
    return false;
}

/// "WEBIRC password gateway hostname ip [:options]". The host name is the gateway's word only, and not used.
void webirc(Session& session, const irc::Message& message) {
    const Gateway* gateway = session.server().findGateway(session.peer());
    // An IPv6 address may have come with the 0 that keeps it from beginning with ':'.
    const auto client = Address::parse(message.param(3), 0);
    if (!gateway || !client || !client->isIp())
        return session.quit("WEBIRC is not for you");
    if (!session.user().nick.empty() || !session.user().ident.empty())
        return session.quit("WEBIRC comes first");
    session.arriveBy(*gateway, message.param(0), *client, saysSecure(message.param(4)));
}

constexpr std::array<Command, 1> kCommands{{
    {"WEBIRC", webirc, 4, Access::anyone},
}};
const CommandFamily family(kCommands);

} // namespace

} // namespace twistdpp::words
