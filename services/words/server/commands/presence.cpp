#include "twistdpp/words_server/command.h"
#include "twistdpp/words_server/server.h"
#include "twistdpp/words_server/session.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/irc/utf8.h"

#include <algorithm>
#include <array>

// AWAY, ISON, USERHOST, MONITOR: who is here.

namespace twistdpp::words {

namespace {

using namespace irc::numeric;

void away(Session& session, const irc::Message& message) {
    if (!session.registered() && !session.has(irc::Cap::preAway))
        return session.reply(ERR_NOTREGISTERED);
    User& user = session.user();
    const Bytes text = message.param(0);
    const std::string now(text.substr(0, irc::utf8Boundary(text, session.server().options().names.away)));
    const bool changed = now != user.away;
    user.away = now;
    user.absent = false;
    session.server().keeper().changed(user);
    session.reply(now.empty() ? RPL_UNAWAY : RPL_NOWAWAY);
    if (!changed || !session.registered())
        return;
    irc::LineWriter line(user.prefix(), "AWAY");
    if (!now.empty())
        line.trailing(now);
    Event event(session.server(), user, line);
    session.server().tellNeighbours(user, event, irc::Cap::awayNotify);
}

/// f(nick) for each nick of all parameters, which may hold several with spaces between.
template <class F>
void forNicks(const irc::Message& message, F f) {
    for (std::size_t i = 0; i < message.count; ++i) {
        for (Bytes rest = message.param(i); !rest.empty();) {
            const Bytes nick = ascii::cut(rest, ' ');
            if (!nick.empty())
                f(nick);
        }
    }
}

void ison(Session& session, const irc::Message& message) {
    std::string found;
    forNicks(message, [&](Bytes nick) {
        if (const User* user = session.server().findUser(nick))
            found.append(found.empty() ? "" : " ").append(user->nick);
    });
    session.reply(RPL_ISON, found);
}

void userhost(Session& session, const irc::Message& message) {
    constexpr std::size_t kMost = 5;
    std::size_t asked = 0;
    std::string found;
    forNicks(message, [&](Bytes nick) {
        const User* user = ++asked > kMost ? nullptr : session.server().findUser(nick);
        if (!user)
            return;
        found.append(found.empty() ? "" : " ").append(user->nick).append(user->isOper() ? "*=" : "=");
        found.append(user->isAway() ? "-" : "+").append(user->ident).append("@").append(user->host);
    });
    session.reply(RPL_USERHOST, found);
}

/// Sends names joined by commas, in as many lines as needed.
class NameList {
public:
    NameList(Session& session, const irc::Numeric& numeric) noexcept : session_(session), numeric_(numeric) {}
    void add(Bytes name) {
        if (text_.size() + name.size() > 400)
            flush();
        text_.append(text_.empty() ? "" : ",").append(name);
    }
    void flush() {
        if (!text_.empty())
            session_.reply(numeric_, text_);
        text_.clear();
    }

private:
    Session& session_;
    const irc::Numeric& numeric_;
    std::string text_;
};

void showStates(Session& session, const std::vector<std::string>& nicks) {
    NameList online(session, RPL_MONONLINE);
    NameList offline(session, RPL_MONOFFLINE);
    for (const std::string& nick : nicks) {
        if (const User* user = session.server().findUser(nick))
            online.add(user->prefix());
        else
            offline.add(nick);
    }
    online.flush();
    offline.flush();
}

void addWatches(Session& session, Bytes names) {
    Server& server = session.server();
    const std::vector<std::string>& monitored = session.monitored;
    const NameLimits& most = server.options().names;
    std::vector<std::string> added;
    while (!names.empty()) {
        const Bytes all = names;
        const Bytes nick = ascii::cut(names, ',');
        if (nick.empty() || nick.size() > most.nick || nick.find_first_of(" !@*?") != Bytes::npos)
            continue;
        const std::string folded = irc::fold(nick);
        if (std::find(monitored.begin(), monitored.end(), folded) != monitored.end())
            continue;
        if (monitored.size() >= most.monitor) {
            showStates(session, added);
            return session.reply(ERR_MONLISTFULL, std::to_string(most.monitor), all);
        }
        server.watch(session, folded);
        added.emplace_back(nick);
    }
    showStates(session, added);
}

void monitor(Session& session, const irc::Message& message) {
    Bytes names = message.param(1);
    const char what = message.param(0).empty() ? '\0' : ascii::upper(message.param(0).front());
    switch (what) {
    case '+':
        return addWatches(session, names);
    case '-':
        while (!names.empty())
            session.server().unwatch(session, irc::fold(ascii::cut(names, ',')));
        return;
    case 'C':
        return session.server().forgetWatches(session);
    case 'L': {
        NameList list(session, RPL_MONLIST);
        for (const std::string& nick : session.monitored)
            list.add(nick);
        list.flush();
        return session.reply(RPL_ENDOFMONLIST);
    }
    case 'S':
        return showStates(session, session.monitored);
    default:
        return session.reply(ERR_NEEDMOREPARAMS, "MONITOR");
    }
}

constexpr std::array<Command, 4> kCommands{{
    {"AWAY", away, 0, Access::anyone},
    {"ISON", ison, 1},
    {"USERHOST", userhost, 1},
    {"MONITOR", monitor, 1},
}};
const CommandFamily family(kCommands);

} // namespace

} // namespace twistdpp::words
