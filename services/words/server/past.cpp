#include "twistdpp/words_server/past.h"

#include "twistdpp/words_server/server.h"
#include "twistdpp/words_server/session.h"

#include "twistdpp/irc/names.h"

namespace twistdpp::words {

std::optional<std::string> historyOf(const Session& session, Bytes target) {
    Server& server = session.server();
    const User& user = session.user();
    if (irc::looksLikeChannel(target)) {
        const Channel* channel = server.findChannel(target);
        if (!channel || (!channel->has(user) && !user.isOper()))
            return std::nullopt;
        return irc::fold(channel->name);
    }
    if (user.account.empty())
        return std::nullopt;
    const User* other = server.findUser(target);
    const std::string account = other ? other->account : std::string(target);
    if (account.empty())
        return std::nullopt;
    return conversation(irc::fold(user.account), irc::fold(account));
}

void sendHistory(Session& session, Bytes target, const std::vector<HistoryItem>& items) {
    std::vector<TaggedLine> lines;
    for (const HistoryItem& item : items) {
        if (item.kind == HistoryItem::Kind::tags && !session.has(irc::Cap::messageTags))
            continue;
        const Event event(session.server(), item);
        for (TaggedLine& line : event.lines(session.variant()))
            lines.push_back(std::move(line));
    }
    session.sendBatch("chathistory " + std::string(target), std::move(lines));
}

namespace {

constexpr std::size_t kMostMissed = 100; // of one target
constexpr std::size_t kMostPeers = 20;

void sendSince(Session& session, const std::string& shown, std::string history, std::int64_t since) {
    HistoryQuery query;
    query.target = std::move(history);
    query.limit = kMostMissed;
    query.from = HistoryBound{"", since};
    session.server()
        .store()
        .history()
        .query(std::move(query))
        .addCallback([to = session.handle(), shown](const std::vector<HistoryItem>& items) {
            if (*to && !items.empty())
                sendHistory(**to, shown, items);
        })
        .addErrback([](const Failure&) {}) // the store has told it
        .detach();
}

} // namespace

void sendMissed(Session& session, std::int64_t since) {
    const User& user = session.user();
    for (const User::Place& place : user.channels)
        sendSince(session, place.channel->name, irc::fold(place.channel->name), since);
    const std::string own = irc::fold(user.account);
    session.server()
        .store()
        .history()
        .correspondents(own, since, unixMilliseconds() + 1, kMostPeers)
        .addCallback([to = session.handle(), own, since](const std::vector<Correspondent>& peers) {
            for (const Correspondent& peer : peers) {
                if (*to)
                    sendSince(**to, peer.name, conversation(own, peer.name), since);
            }
        })
        .addErrback([](const Failure&) {}) // the store has told it
        .detach();
}

void sendMarker(Session& session, Bytes target) {
    const std::string& account = session.user().account;
    if (!session.has(irc::Cap::readMarker) || account.empty())
        return;
    const std::int64_t time = session.server().store().markers().find(account, target);
    irc::LineWriter line(session.server().name(), "MARKREAD");
    session.send(line.word(target).word(time == 0 ? "*" : "timestamp=" + timestampOf(time)));
}

} // namespace twistdpp::words
