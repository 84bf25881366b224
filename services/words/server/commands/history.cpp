#include "twistdpp/words_server/command.h"
#include "twistdpp/words_server/past.h"
#include "twistdpp/words_server/server.h"
#include "twistdpp/words_server/session.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"

#include <algorithm>
#include <array>

// CHATHISTORY: what was said before (IRCv3 "chathistory").

namespace twistdpp::words {

namespace {

constexpr Bytes kName = "CHATHISTORY";

void refuse(Session& session, Bytes code, Bytes context, Bytes text) {
    session.standardReply("FAIL", kName, code, context, text);
}

/// "msgid=ID", "timestamp=TIME".
std::optional<HistoryBound> parseBound(Bytes text) {
    HistoryBound bound;
    const Bytes key = ascii::cut(text, '=');
    if (key == "msgid" && !text.empty() && text.size() <= 64) {
        bound.id = text;
        return bound;
    }
    const auto time = key == "timestamp" ? parseTimestamp(text) : std::nullopt;
    if (!time)
        return std::nullopt;
    bound.time = *time;
    return bound;
}

/// Runs `answer(session, value)` when `deferred` has its value, under the label of this command.
template <class T, class F>
void later(Session& session, Deferred<T> deferred, F answer) {
    std::move(deferred)
        .addBoth([to = session.handle(), label = std::shared_ptr<LabeledReply>(session.deferLabel()),
                  answer](Outcome<T> outcome) {
            if (!*to || (*to)->closed())
                return;
            Session& asking = **to;
            const LateAnswer late(asking, label);
            if (outcome.ok())
                answer(asking, outcome.value());
            else
                refuse(asking, "MESSAGE_ERROR", {}, "The history cannot be read now");
        })
        .detach();
}

std::optional<HistoryQuery::Selector> selectorOf(Bytes name) {
    using Selector = HistoryQuery::Selector;
    constexpr std::array<std::pair<Bytes, Selector>, 5> kSelectors{{
        {"LATEST", Selector::latest},
        {"BEFORE", Selector::before},
        {"AFTER", Selector::after},
        {"AROUND", Selector::around},
        {"BETWEEN", Selector::between},
    }};
    for (const auto& [text, selector] : kSelectors) {
        if (ascii::equalsIgnoreCase(name, text))
            return selector;
    }
    return std::nullopt;
}

std::optional<std::size_t> parseLimit(const Session& session, Bytes text) {
    const auto number = parseUnsigned<std::uint32_t>(text);
    if (!number || *number == 0)
        return std::nullopt;
    return std::min<std::size_t>(*number, session.server().options().historyAtOnce);
}

void targets(Session& session, const irc::Message& message) {
    const auto one = parseBound(message.param(1));
    const auto other = parseBound(message.param(2));
    const auto limit = parseLimit(session, message.param(3));
    if (!one || !other || !one->id.empty() || !other->id.empty() || !limit)
        return refuse(session, "INVALID_PARAMS", "TARGETS", "Say: TARGETS timestamp=T timestamp=T LIMIT");
    const std::int64_t from = std::min(one->time, other->time);
    const std::int64_t to = std::max(one->time, other->time);
    const User& user = session.user();
    std::vector<std::string> channels;
    for (const User::Place& place : user.channels)
        channels.push_back(irc::fold(place.channel->name));
    History& history = session.server().store().history();
    auto inChannels = history.lastIn(std::move(channels), from, to);
    auto all =
        std::move(inChannels)
            .addCallback(
                [&history, account = irc::fold(user.account), from, to,
                 limit = *limit](std::vector<Correspondent> found) -> Deferred<std::vector<Correspondent>> {
                    if (account.empty())
                        return found;
                    return history.correspondents(account, from, to, limit)
                        .addCallback([found =
                                          std::move(found)](const std::vector<Correspondent>& peers) mutable {
                            found.insert(found.end(), peers.begin(), peers.end());
                            return std::move(found);
                        });
                }
            );
    later(session, std::move(all), [limit = *limit](Session& asking, std::vector<Correspondent> found) {
        std::sort(found.begin(), found.end(), [](const Correspondent& a, const Correspondent& b) {
            return a.time < b.time;
        });
        if (found.size() > limit)
            found.erase(found.begin(), found.end() - static_cast<std::ptrdiff_t>(limit));
        std::vector<TaggedLine> lines;
        for (const Correspondent& each : found) {
            const Channel* channel = asking.server().findChannel(each.name);
            irc::LineWriter line(asking.server().name(), kName);
            line.word("TARGETS").word(channel ? channel->name : each.name).word(timestampOf(each.time));
            lines.push_back({"", std::string(line.body())});
        }
        asking.sendBatch("draft/chathistory-targets", std::move(lines));
    });
}

void chathistory(Session& session, const irc::Message& message) {
    const Bytes sub = message.param(0);
    if (ascii::equalsIgnoreCase(sub, "TARGETS")) {
        if (message.count < 4)
            return refuse(session, "NEED_MORE_PARAMS", sub, "Missing parameters");
        return targets(session, message);
    }
    const auto selector = selectorOf(sub);
    if (!selector)
        return refuse(session, "INVALID_PARAMS", sub, "Unknown command");
    const bool two = *selector == HistoryQuery::Selector::between;
    if (message.count < (two ? 5U : 4U))
        return refuse(session, "NEED_MORE_PARAMS", sub, "Missing parameters");
    HistoryQuery query;
    query.selector = *selector;
    const bool open = *selector == HistoryQuery::Selector::latest && message.param(2) == "*";
    if (!open)
        query.from = parseBound(message.param(2));
    if (two)
        query.to = parseBound(message.param(3));
    const auto limit = parseLimit(session, message.param(two ? 4 : 3));
    if ((!open && !query.from) || (two && !query.to) || !limit)
        return refuse(session, "INVALID_PARAMS", sub, "A message or a time, or the limit, is not valid");
    const auto history = historyOf(session, message.param(1));
    if (!history)
        return refuse(
            session, "INVALID_TARGET", std::string(sub) + " " + std::string(message.param(1)),
            "Messages could not be retrieved"
        );
    query.limit = *limit;
    query.events = session.has(irc::Cap::eventPlayback);
    query.target = *history;
    later(
        session, session.server().store().history().query(std::move(query)),
        [target = std::string(message.param(1))](Session& to, const std::vector<HistoryItem>& items) {
            sendHistory(to, target, items);
        }
    );
}

constexpr std::array<Command, 1> kCommands{{
    {"CHATHISTORY", chathistory, 1, Access::registered, 3},
}};
const CommandFamily family(kCommands);

} // namespace

} // namespace twistdpp::words
