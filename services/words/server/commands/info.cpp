#include "twistdpp/words_server/command.h"
#include "twistdpp/words_server/replies.h"
#include "twistdpp/words_server/server.h"
#include "twistdpp/words_server/session.h"

#include "twistdpp/irc/mask.h"

#include <array>
#include <ctime>

// MOTD, LUSERS, VERSION, TIME, ADMIN, INFO, STATS: what the server says of itself.

namespace twistdpp::words {

namespace {

using namespace irc::numeric;

/// Whether the parameter that names a server, if it is there, means this one; says so if not.
bool meansUs(Session& session, Bytes name) {
    if (name.empty() || irc::matchMask(name, session.server().name()) ||
        irc::sameName(name, session.user().nick))
        return true;
    session.reply(ERR_NOSUCHSERVER, name);
    return false;
}

void motd(Session& session, const irc::Message& message) {
    if (meansUs(session, message.param(0)))
        sendMotd(session);
}

void lusers(Session& session, const irc::Message&) {
    sendLusers(session);
}

void version(Session& session, const irc::Message& message) {
    if (!meansUs(session, message.param(0)))
        return;
    const Server& server = session.server();
    session.reply(RPL_VERSION, server.options().version, server.name(), server.options().network);
    sendIsupport(session);
}

void time(Session& session, const irc::Message& message) {
    if (!meansUs(session, message.param(0)))
        return;
    const std::time_t now = unixTime();
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    std::array<char, 60> text{};
    std::strftime(text.data(), text.size(), "%A, %d %B %Y, %H:%M:%S UTC", &parts);
    session.reply(RPL_TIME, session.server().name(), text.data());
}

void admin(Session& session, const irc::Message& message) {
    if (!meansUs(session, message.param(0)))
        return;
    const Server& server = session.server();
    const std::vector<std::string>& lines = server.options().admin;
    if (lines.empty())
        return session.reply(ERR_NOADMININFO, server.name());
    session.reply(RPL_ADMINME, server.name());
    const std::array<const irc::Numeric*, 3> numerics{&RPL_ADMINLOC1, &RPL_ADMINLOC2, &RPL_ADMINEMAIL};
    for (std::size_t i = 0; i < lines.size() && i < numerics.size(); ++i)
        session.reply(*numerics[i], lines[i]);
}

void info(Session& session, const irc::Message& message) {
    if (!meansUs(session, message.param(0)))
        return;
    const Server& server = session.server();
    session.reply(RPL_INFO, server.options().version);
    session.reply(RPL_INFO, "Network: " + server.options().network);
    session.reply(RPL_INFO, "Server: " + server.name());
    session.reply(RPL_ENDOFINFO);
}

void stats(Session& session, const irc::Message& message) {
    Server& server = session.server();
    const char what = message.param(0).empty() ? '*' : message.param(0).front();
    const bool oper = session.user().isOper();
    if (what == 'u') {
        const std::int64_t up = unixTime() - server.startTime();
        const std::int64_t minutes = up / 60 % 60;
        const std::int64_t seconds = up % 60;
        const auto two = [](std::int64_t value) { return (value < 10 ? "0" : "") + std::to_string(value); };
        session.reply(
            RPL_STATSUPTIME, "Server Up " + std::to_string(up / 86400) + " days " +
                                 std::to_string(up / 3600 % 24) + ":" + two(minutes) + ":" + two(seconds)
        );
    } else if (what == 'm' && oper) {
        for (const CommandUse& use : server.commandCounts().all())
            session.reply(RPL_STATSCOMMANDS, use.command->name, std::to_string(use.count));
    } else if (what == 'o' && oper) {
        for (const auto& [name, hash] : server.options().operators)
            session.reply(RPL_STATSOLINE, "O", "*", "*", name);
    } else if (what == 'k' && oper) {
        server.store().bans().expire(unixTime());
        for (const auto& [mask, ban] : server.store().bans().all())
            session.reply(
                RPL_STATSKLINE, "K", mask, ban.setter,
                ban.expires == 0 ? "*" : timestampOf(ban.expires * 1000), ban.reason
            );
    } else if (what == 'm' || what == 'o' || what == 'k') {
        session.reply(ERR_NOPRIVILEGES);
    }
    session.reply(RPL_ENDOFSTATS, Bytes(&what, 1));
}

constexpr std::array<Command, 7> kCommands{{
    {"MOTD", motd, 0},
    {"LUSERS", lusers, 0},
    {"VERSION", version, 0},
    {"TIME", time, 0},
    {"ADMIN", admin, 0},
    {"INFO", info, 0},
    {"STATS", stats, 0, Access::registered, 2},
}};
const CommandFamily family(kCommands);

} // namespace

} // namespace twistdpp::words
