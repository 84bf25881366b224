#include "twistdpp/words_server/command.h"
#include "twistdpp/words_server/helpers/helper.h"
#include "twistdpp/words_server/past.h"
#include "twistdpp/words_server/server.h"
#include "twistdpp/words_server/session.h"

#include <array>

// HistServ: looks for words in what was said, and lets people forget.

namespace twistdpp::words {

namespace {

constexpr Bytes kName = "HistServ";
constexpr std::size_t kMostFound = 20;

void search(Session& session, const Words& words) {
    const auto history = historyOf(session, words[0]);
    if (!history)
        return session.notice(kName, "You may not read that.");
    std::string text;
    for (std::size_t i = 1; i < words.size(); ++i)
        text.append(i > 1 ? " " : "").append(words[i]);
    session.server()
        .store()
        .history()
        .search(*history, text, kMostFound)
        .addBoth([to = session.handle(),
                  target = std::string(words[0])](const Outcome<std::vector<HistoryItem>>& found) {
            if (!*to || (*to)->closed())
                return;
            if (!found.ok())
                return (*to)->notice(kName, "The history cannot be read now.");
            sendHistory(**to, target, found.value());
            (*to)->notice(kName, std::to_string(found.value().size()) + " found.");
        })
        .detach();
}

/// All of a private conversation; of a channel, by who founded it.
void forget(Session& session, const Words& words) {
    Server& server = session.server();
    const auto history = historyOf(session, words[0]);
    const Channel* channel = server.findChannel(words[0]);
    if (!history || (channel && !channel->hasRank(session.user(), Rank::founder) && !session.user().isOper()))
        return session.notice(kName, "You may not do that.");
    server.store().history().forget(*history);
    session.notice(kName, "All that was said there is forgotten.");
}

constexpr std::array<HelperCommand, 2> kCommands{{
    {"SEARCH", search, 2, "#CHANNEL|NICK WORDS", "the last messages with these words"},
    {"FORGET", forget, 1, "#CHANNEL|NICK", "takes the history of a conversation away"},
}};
const Helper histServ{kName, kCommands};
const HelperEntry entry(histServ);

void command(Session& session, const irc::Message& message) {
    tellHelper(histServ, session, message);
}

constexpr std::array<Command, 2> kIrcCommands{{
    {"HISTSERV", command, 1},
    {"HS", command, 1},
}};
const CommandFamily family(kIrcCommands);

} // namespace

} // namespace twistdpp::words
