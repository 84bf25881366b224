#include "twistdpp/words_server/join_events.h"

#include "twistdpp/words_server/channel.h"
#include "twistdpp/words_server/session.h"

namespace twistdpp::words {

namespace {

irc::LineWriter joinLine(const User& user, const Channel& channel) {
    irc::LineWriter line(user.prefix(), "JOIN");
    line.word(channel.name);
    return line;
}

} // namespace

JoinEvents::JoinEvents(Server& server, const User& user, const Channel& channel)
    : plain_(server, user, joinLine(user, channel)),
      extended_(
          plain_, joinLine(user, channel)
                      .word(user.account.empty() ? Bytes("*") : Bytes(user.account))
                      .trailing(user.realname)
      ) {}

void JoinEvents::deliver(const User& to) {
    to.forSessions([this](Session& session) { session.deliver(forCaps(session.caps())); });
}

} // namespace twistdpp::words
