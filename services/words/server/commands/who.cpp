#include "twistdpp/words_server/command.h"
#include "twistdpp/words_server/server.h"
#include "twistdpp/words_server/session.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/irc/mask.h"
#include "twistdpp/irc/names.h"

#include <array>

// WHO and WHOX.

namespace twistdpp::words {

namespace {

using namespace irc::numeric;

/// What one WHO asks for.
struct Query {
    Session& session;
    Bytes mask;
    bool operatorsOnly = false;
    bool extended = false; // WHOX: "%fields,token"
    Bytes fields, token;

    bool wants(char field) const noexcept { return fields.find(field) != Bytes::npos; }
};

/// "H@" or "G*": here or gone, operator, rank.
std::string flags(const Query& query, const User& user, const Channel* channel) {
    std::string out = user.isAway() ? "G" : "H";
    if (user.isOper())
        out += '*';
    if (user.has(UserMode::bot))
        out += 'B';
    if (channel)
        out += Rank::symbols(channel->ranks(user), query.session.has(irc::Cap::multiPrefix));
    return out;
}

/// A channel to name beside a user who was found by another way: one that the asking user may know of.
const Channel* someChannel(const Query& query, const User& user) {
    for (const User::Place& place : user.channels) {
        if (place.channel->visibleTo(query.session.user()))
            return place.channel;
    }
    return nullptr;
}

void showExtended(const Query& query, const User& user, const Channel* channel) {
    const std::string& host = query.session.server().name();
    irc::LineWriter line(host, RPL_WHOSPCRPL.code);
    line.word(query.session.target());
    const auto put = [&](char field, Bytes value) {
        if (query.wants(field))
            line.word(value);
    };
    const Duration idle = query.session.server().reactor().now() - user.lastSpoke;
    put('t', query.token.empty() ? Bytes("0") : query.token);
    put('c', channel ? Bytes(channel->name) : Bytes("*"));
    put('u', user.ident);
    put('i', "255.255.255.255"); // addresses are nobody's business; the host says what may be known
    put('h', user.host);
    put('s', host);
    put('n', user.nick);
    put('f', flags(query, user, channel));
    put('d', "0");
    put('l', std::to_string(std::chrono::duration_cast<std::chrono::seconds>(idle).count()));
    put('a', user.account.empty() ? Bytes("0") : Bytes(user.account));
    put('o', channel && channel->ranks(user) >= Rank::op ? "1" : "n/a");
    if (query.wants('r'))
        line.trailing(user.realname);
    query.session.send(line);
}

void show(const Query& query, const User& user, const Channel* channel) {
    if (query.operatorsOnly && !user.isOper())
        return;
    if (query.extended)
        return showExtended(query, user, channel);
    query.session.reply(
        RPL_WHOREPLY, channel ? Bytes(channel->name) : Bytes("*"), user.ident, user.host,
        query.session.server().name(), user.nick, flags(query, user, channel), "0 " + user.realname
    );
}

void showChannel(const Query& query) {
    const User& asking = query.session.user();
    const Channel* channel = query.session.server().findChannel(query.mask);
    if (!channel || !channel->visibleTo(asking))
        return;
    const bool inside = channel->has(asking) || asking.isOper();
    for (const Channel::Member& member : channel->members()) {
        if (inside || !member.user->has(UserMode::invisible))
            show(query, *member.user, channel);
    }
}

void showMatching(const Query& query) {
    const Server& server = query.session.server();
    const User& asking = query.session.user();
    if (const User* user = server.findUser(query.mask))
        return show(query, *user, someChannel(query, *user));
    const Bytes mask = query.mask == "0" ? Bytes("*") : query.mask;
    for (const auto& [nick, user] : server.users()) {
        const bool fits = irc::matchMask(mask, user->nick) || irc::matchMask(mask, user->ident) ||
                          irc::matchMask(mask, user->host) || irc::matchMask(mask, user->realname) ||
                          irc::matchMask(mask, user->prefix()) || irc::matchMask(mask, server.name());
        const bool visible = user.get() == &asking || asking.isOper() || !user->has(UserMode::invisible) ||
                             server.shareChannel(asking, *user);
        if (fits && visible)
            show(query, *user, someChannel(query, *user));
    }
}

void who(Session& session, const irc::Message& message) {
    Query query{session, message.param(0), false, false, {}, {}};
    Bytes options = message.param(1);
    const auto percent = options.find('%');
    query.operatorsOnly = options.substr(0, percent).find('o') != Bytes::npos;
    if (percent != Bytes::npos) {
        query.extended = true;
        Bytes rest = options.substr(percent + 1);
        query.fields = ascii::cut(rest, ',');
        query.token = rest.substr(0, 3);
    }
    if (irc::looksLikeChannel(query.mask))
        showChannel(query);
    else if (!query.mask.empty())
        showMatching(query);
    session.reply(RPL_ENDOFWHO, query.mask.empty() ? Bytes("*") : query.mask);
}

constexpr std::array<Command, 1> kCommands{{
    {"WHO", who, 0, Access::registered, 3},
}};
const CommandFamily family(kCommands);

} // namespace

} // namespace twistdpp::words
