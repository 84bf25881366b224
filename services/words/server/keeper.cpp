#include "twistdpp/words_server/keeper.h"

#include "twistdpp/words_server/server.h"

#include "twistdpp/reactor/reactor.h"
#include "twistdpp/words_store/store.h"

namespace twistdpp::words {

namespace {

constexpr Bytes kLists = "beI";

std::string flagLetters(const Channel& channel) {
    std::string out;
    for (std::size_t i = 0; i < ChannelFlag::letters.size(); ++i) {
        if (channel.is(1U << i))
            out += ChannelFlag::letters[i];
    }
    return out;
}

} // namespace

bool Keeper::isRegistered(const Channel& channel) const {
    const ChannelRecord* record = server_.store().channels().find(channel.name);
    return record && !record->founder.empty();
}

void Keeper::apply(Channel& channel) const {
    const ChannelRecord* record = server_.store().channels().find(channel.name);
    if (!record)
        return;
    channel.topic = record->topic;
    channel.topicSetter = record->topicSetter;
    channel.topicTime = record->topicTime;
    channel.key = record->key;
    channel.limit = record->limit;
    channel.flags = 0;
    for (const char letter : record->flags)
        channel.flags |= ChannelFlag::ofLetter(letter);
    for (const ChannelRecord::Mask& mask : record->masks)
        channel.list(mask.list).push_back({mask.mask, mask.setter, mask.time});
}

unsigned Keeper::ranksFor(const Channel& channel, const User& user) const {
    const ChannelRecord* record = server_.store().channels().find(channel.name);
    if (!record || user.account.empty())
        return 0;
    const std::string account = irc::fold(user.account);
    if (record->founder == account)
        return Rank::founder | Rank::op;
    const auto found = record->access.find(account);
    return found == record->access.end() ? 0 : Rank::ofLetter(found->second);
}

ChannelRecord Keeper::recordOf(const Channel& channel) const {
    ChannelRecord record;
    if (const ChannelRecord* known = server_.store().channels().find(channel.name)) {
        record.founder = known->founder;
        record.access = known->access;
    }
    record.name = channel.name;
    record.created = channel.created;
    record.topic = channel.topic;
    record.topicSetter = channel.topicSetter;
    record.topicTime = channel.topicTime;
    record.flags = flagLetters(channel);
    record.key = channel.key;
    record.limit = channel.limit;
    for (const char list : kLists) {
        for (const ListEntry& entry : channel.list(list))
            record.masks.push_back({list, entry.mask, entry.setter, entry.time});
    }
    return record;
}

void Keeper::changed(const Channel& channel) {
    if (!channel.stands && !isRegistered(channel))
        return;
    channels_.insert(irc::fold(channel.name));
    later();
}

void Keeper::changed(const User& user) {
    if (user.account.empty())
        return;
    const Account* account = server_.store().accounts().find(user.account);
    if (!account || !account->alwaysOn)
        return;
    accounts_.insert(irc::fold(user.account));
    later();
}

bool Keeper::staysOn(const User& user) const {
    if (user.account.empty() || user.ending)
        return false;
    const Account* account = server_.store().accounts().find(user.account);
    return account && account->alwaysOn;
}

void Keeper::forget(const Channel& channel) {
    channels_.erase(irc::fold(channel.name));
}

void Keeper::later() {
    if (!timer_.active())
        timer_ = server_.reactor().callLater(std::chrono::seconds(1), [this] { save(); });
}

void Keeper::save() {
    // What the file does not take now is told by its observer, and written with the next change.
    const auto unheard = [](const Failure&) {};
    for (const std::string& name : std::exchange(channels_, {})) {
        if (const Channel* channel = server_.findChannel(name))
            server_.store().channels().save(recordOf(*channel)).addErrback(unheard).detach();
    }
    const std::set<std::string> accounts = std::exchange(accounts_, {});
    if (accounts.empty())
        return;
    for (const auto& [nick, user] : server_.users()) {
        if (user->account.empty() || accounts.count(irc::fold(user->account)) == 0 || !staysOn(*user))
            continue;
        Account account = *server_.store().accounts().find(user->account);
        Presence there{user->nick, user->ident, user->realname, user->host, user->away, user->modes, {}};
        there.modes &= ~(UserMode::oper | UserMode::notices);
        for (const User::Place& place : user->channels)
            there.channels.emplace_back(place.channel->name, place.channel->ranks(*user));
        account.presence = std::move(there);
        account.seen = unixTime();
        server_.store().accounts().save(std::move(account)).addErrback(unheard).detach();
    }
}

void Keeper::saveAll() {
    for (const auto& [nick, user] : server_.users())
        changed(*user);
    save();
}

void Keeper::restore() {
    for (const auto& [key, account] : server_.store().accounts().all()) {
        const Presence& there = account.presence;
        if (!account.alwaysOn || there.nick.empty() || server_.findUser(there.nick))
            continue;
        auto made = std::make_unique<User>();
        User& user = *made;
        user.nick = there.nick;
        user.ident = there.ident;
        user.realname = there.realname;
        user.host = user.realHost = there.host;
        user.away = there.away;
        user.account = account.name;
        user.modes = there.modes;
        user.leftAt = account.seen * 1000;
        user.updatePrefix();
        server_.enter(std::move(made));
        if (user.has(UserMode::invisible))
            server_.countInvisible(1);
        for (const auto& [name, ranks] : there.channels) {
            Channel* channel = server_.findChannel(name);
            (channel ? *channel : server_.makeChannel(name)).add(user, ranks);
        }
        if (user.away.empty())
            server_.markAbsent(user);
    }
}

} // namespace twistdpp::words
