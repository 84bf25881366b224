#include "twistdpp/words_server/replies.h"

#include "twistdpp/words_server/server.h"
#include "twistdpp/words_server/session.h"

namespace twistdpp::words {

using namespace irc::numeric;

void sendIsupport(Session& session) {
    for (const std::vector<std::string>& tokens : session.server().isupport()) {
        irc::LineWriter line(session.server().name(), RPL_ISUPPORT.code);
        line.word(session.target());
        for (const std::string& token : tokens)
            line.word(token);
        session.send(line.trailing(RPL_ISUPPORT.text));
    }
}

void sendLusers(Session& session) {
    const Server& server = session.server();
    const std::size_t invisible = server.invisible();
    const std::size_t users = server.users().size();
    const std::string count = std::to_string(users);
    const std::string most = std::to_string(server.mostUsers());
    session.reply(
        RPL_LUSERCLIENT, "There are " + std::to_string(users - invisible) + " users and " +
                             std::to_string(invisible) + " invisible on 1 servers"
    );
    session.reply(RPL_LUSEROP, std::to_string(server.operators()));
    session.reply(RPL_LUSERUNKNOWN, std::to_string(server.connections() - server.registered()));
    session.reply(RPL_LUSERCHANNELS, std::to_string(server.channels().size()));
    session.reply(RPL_LUSERME, "I have " + count + " clients and 0 servers");
    session.reply(RPL_LOCALUSERS, count, most, "Current local users " + count + ", max " + most);
    session.reply(RPL_GLOBALUSERS, count, most, "Current global users " + count + ", max " + most);
}

void sendMotd(Session& session) {
    const ServerOptions& options = session.server().options();
    if (options.motd.empty())
        return session.reply(ERR_NOMOTD);
    session.reply(RPL_MOTDSTART, "- " + options.hostname + " Message of the day - ");
    for (const std::string& line : options.motd)
        session.reply(RPL_MOTD, "- " + line);
    session.reply(RPL_ENDOFMOTD);
}

void sendTopic(Session& session, const Channel& channel, bool orNone) {
    if (channel.topic.empty()) {
        if (orNone)
            session.reply(RPL_NOTOPIC, channel.name);
        return;
    }
    session.reply(RPL_TOPIC, channel.name, channel.topic);
    session.reply(RPL_TOPICWHOTIME, channel.name, channel.topicSetter, std::to_string(channel.topicTime));
}

void sendNames(Session& session, const Channel& channel) {
    const User& asking = session.user();
    const bool inside = channel.has(asking) || asking.isOper();
    const bool all = session.has(irc::Cap::multiPrefix);
    const bool hosts = session.has(irc::Cap::userhostInNames);
    irc::LineWriter start(session.server().name(), RPL_NAMREPLY.code);
    start.word(session.target())
        .word(channel.is(ChannelFlag::secret) ? "@" : "=")
        .word(channel.name)
        .put(" :");
    irc::LineWriter line = start;
    for (const Channel::Member& member : channel.members()) {
        if (!inside && member.user->has(UserMode::invisible))
            continue;
        const std::string symbols = Rank::symbols(member.ranks, all);
        const std::string& name = hosts ? member.user->prefix() : member.user->nick;
        if (line.room() < symbols.size() + name.size() + 1) {
            session.send(line);
            line = start;
        }
        line.put(line.size() > start.size() ? " " : "").put(symbols).put(name);
    }
    if (line.size() > start.size())
        session.send(line);
    session.reply(RPL_ENDOFNAMES, channel.name);
}

} // namespace twistdpp::words
