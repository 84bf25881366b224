#include "twistdpp/words_server/command.h"
#include "twistdpp/words_server/server.h"
#include "twistdpp/words_server/session.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"
#include "twistdpp/irc/mask.h"
#include "twistdpp/irc/names.h"

#include <algorithm>
#include <array>
#include <limits>

// LIST, with the conditions of ELIST=CMNTU.

namespace twistdpp::words {

namespace {

using namespace irc::numeric;

/// What a channel must be like to be shown. Open ranges on both sides.
struct Filter {
    std::int64_t fewest = -1, most = std::numeric_limits<std::int64_t>::max(); // members
    std::int64_t createdAfter = 0, createdBefore = std::numeric_limits<std::int64_t>::max();
    std::int64_t topicAfter = -1, topicBefore = std::numeric_limits<std::int64_t>::max();
    std::vector<Bytes> masks, unwanted;

    bool fits(const Channel& channel) const {
        const auto members = static_cast<std::int64_t>(channel.members().size());
        const auto matches = [&](Bytes mask) { return irc::matchMask(mask, channel.name); };
        return members > fewest && members < most && channel.created > createdAfter &&
               channel.created < createdBefore && channel.topicTime > topicAfter &&
               channel.topicTime < topicBefore &&
               (masks.empty() || std::any_of(masks.begin(), masks.end(), matches)) &&
               std::none_of(unwanted.begin(), unwanted.end(), matches);
    }
};

/// One of ">n", "<n", "C>n", "C<n", "T>n", "T<n" (minutes ago), "!mask", "mask".
void addCondition(Filter& filter, Bytes text) {
    const char kind = ascii::upper(text.front());
    Bytes rest = text;
    if (kind == 'C' || kind == 'T')
        rest.remove_prefix(1);
    const bool above = !rest.empty() && rest.front() == '>';
    const bool below = !rest.empty() && rest.front() == '<';
    const auto number = above || below ? parseUnsigned<std::uint32_t>(rest.substr(1)) : std::nullopt;
    if (!number) {
        if (text.front() == '!')
            filter.unwanted.push_back(text.substr(1));
        else
            filter.masks.push_back(text);
        return;
    }
    const auto value = static_cast<std::int64_t>(*number);
    const std::int64_t then = unixTime() - value * 60;
    if (kind == 'C')
        (above ? filter.createdBefore : filter.createdAfter) = then;
    else if (kind == 'T') {
        (above ? filter.topicBefore : filter.topicAfter) = then;
        filter.topicAfter = std::max<std::int64_t>(filter.topicAfter, 0); // only those that have a topic
    } else
        (above ? filter.fewest : filter.most) = value;
}

void show(Session& session, const Channel& channel) {
    session.reply(RPL_LIST, channel.name, std::to_string(channel.members().size()), channel.topic);
}

void list(Session& session, const irc::Message& message) {
    Filter filter;
    bool named = message.count > 0;
    for (Bytes rest = message.param(0); !rest.empty();) {
        const Bytes part = ascii::cut(rest, ',');
        if (part.empty())
            continue;
        named = named && irc::isChannel(part, part.size()) && part.find_first_of("*?") == Bytes::npos;
        addCondition(filter, part);
    }
    session.reply(RPL_LISTSTART, "Channel");
    if (named) {
        for (const Bytes name : filter.masks) {
            const Channel* channel = session.server().findChannel(name);
            if (channel && channel->visibleTo(session.user()))
                show(session, *channel);
        }
    } else {
        for (const auto& [name, channel] : session.server().channels()) {
            if (channel->visibleTo(session.user()) && filter.fits(*channel))
                show(session, *channel);
        }
    }
    session.reply(RPL_LISTEND);
}

constexpr std::array<Command, 1> kCommands{{
    {"LIST", list, 0, Access::registered, 5},
}};
const CommandFamily family(kCommands);

} // namespace

} // namespace twistdpp::words
