#include "twistdpp/words_server/server.h"

#include "twistdpp/words_server/account_checker.h"
#include "twistdpp/words_server/password_checker.h"
#include "twistdpp/words_server/sasl.h"
#include "twistdpp/words_server/server_ban.h"
#include "twistdpp/words_server/session.h"

#include "twistdpp/base/hex.h"

#include <algorithm>
#include <random>

namespace twistdpp::words {

Server::Server(
    Reactor& reactor, ServerOptions options, std::optional<Authenticator> accounts, Logger log,
    std::unique_ptr<Store> store
)
    : reactor_(reactor), options_(std::move(options)), accounts_(std::move(accounts)), log_(std::move(log)),
      store_(store ? std::move(store) : std::make_unique<Store>(options_.history)), started_(unixTime()) {
    std::random_device random;
    instance_ = (static_cast<std::uint64_t>(random()) << 32U) | random();
    makeAccounts();
    makeKeepers();
    makeIsupport();
    makeGroups();
    keeper_.restore();
}

Deferred<void> Server::finish() {
    keeper_.save();
    return store_->finish();
}

void Server::makeAccounts() {
    if (accounts_ || !options_.registration)
        return;
    CheckerSet own;
    own.add(std::make_unique<AccountChecker>(reactor_, *store_));
    accounts_.emplace(reactor_, std::move(own));
}

Server::~Server() = default;

std::unique_ptr<Protocol> Server::buildProtocol(const Address& peer) {
    return std::make_unique<Session>(*this, peer);
}

void Server::reconfigure(ServerOptions fresh, std::optional<Authenticator> accounts) {
    fresh.hostname = std::move(options_.hostname);
    fresh.network = std::move(options_.network);
    options_ = std::move(fresh);
    const bool had = accounts_.has_value();
    accounts_.reset();
    if (accounts)
        accounts_.emplace(std::move(*accounts));
    makeAccounts();
    makeKeepers();
    makeGroups();
    if (accounts_.has_value() != had)
        announceSasl(!had);
}

void Server::announceSasl(bool offered) {
    for (const auto& [nick, user] : users_) {
        user->forSessions([&](Session& session) {
            if (session.has(irc::Cap::capNotify)) {
                irc::LineWriter line(name(), "CAP");
                session.send(line.word(session.target())
                                 .word(offered ? "NEW" : "DEL")
                                 .trailing(
                                     offered && session.capVersion() >= 302
                                         ? "sasl=" + saslMechanismList(session)
                                         : std::string("sasl")
                                 ));
            }
            if (!offered) {
                irc::CapSet caps = session.caps();
                caps.remove(irc::Cap::sasl);
                session.setCaps(caps);
            }
        });
    }
}

void Server::makeKeepers() {
    PasswordChecker::Table table = options_.operators;
    if (options_.password)
        table.emplace("", *options_.password);
    for (const Gateway& gateway : options_.gateways)
        table.emplace(gateway.key(), gateway.password);
    CheckerSet checkers;
    checkers.add(std::make_unique<PasswordChecker>(reactor_, std::move(table)));
    keepers_.emplace(reactor_, std::move(checkers));
}

void Server::makeGroups() {
    for (const std::string& group : options_.groups) {
        Channel* found = findChannel(group);
        Channel& channel = found ? *found : makeChannel(group);
        channel.stands = true;
        // Nobody is there to change the topic if only operators may.
        if (!found && !store_->channels().find(group))
            channel.flags = ChannelFlag::noExternal;
    }
}

void Server::makeIsupport() {
    const NameLimits& most = options_.names;
    const auto number = [](Bytes key, std::size_t value) {
        return std::string(key) + "=" + std::to_string(value);
    };
    std::string network;
    for (const char c : options_.network) {
        // What would end the token or its name.
        if (c == ' ' || c == '=' || c == '\\')
            network.append("\\x").append(toHex(Bytes(&c, 1)));
        else
            network += c;
    }
    std::vector<std::string> tokens{
        number("AWAYLEN", most.away),
        "BOT=B",
        "CHATHISTORY=" + std::to_string(options_.historyAtOnce),
        "CASEMAPPING=" + std::string(irc::toString(irc::Casemapping::ascii)),
        "CHANLIMIT=#&:" + std::to_string(most.channels),
        "CHANMODES=" + std::string(kChannelModes),
        number("CHANNELLEN", most.channel),
        "CHANTYPES=#&",
        "ELIST=CMNTU",
        "EXCEPTS=e",
        "EXTBAN=" + std::string(kExtendedBans),
        "INVEX=I",
        number("KICKLEN", most.kick),
        number("KEYLEN", most.key),
        "MAXLIST=b:" + std::to_string(most.list) + ",e:" + std::to_string(most.list) +
            ",I:" + std::to_string(most.list),
        number("MAXTARGETS", most.targets),
        number("MODES", most.modes),
        number("MONITOR", most.monitor),
        "MSGREFTYPES=msgid,timestamp",
        "NETWORK=" + network,
        number("NICKLEN", most.nick),
        "PREFIX=" + std::string(kPrefixes),
        "SAFELIST",
        "STATUSMSG=~&@%+",
        "TARGMAX=JOIN:,KICK:,NAMES:,NOTICE:" + std::to_string(most.targets) + ",PART:,PRIVMSG:" +
            std::to_string(most.targets) + ",TAGMSG:" + std::to_string(most.targets) + ",WHOIS:1",
        number("TOPICLEN", most.topic),
        number("USERLEN", most.user),
        options_.utf8Only ? "UTF8ONLY" : "",
        "WHOX",
    };
    constexpr std::size_t kTokensALine = 13;
    tokens.erase(std::remove(tokens.begin(), tokens.end(), ""), tokens.end());
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (i % kTokensALine == 0)
            isupport_.emplace_back();
        isupport_.back().push_back(tokens[i]);
    }
}

void Server::nextMessageId(std::array<char, 24>& out) noexcept {
    static constexpr Bytes kDigits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
    std::uint64_t high = instance_;
    std::uint64_t low = ++messages_;
    for (std::size_t i = 0; i < 12; ++i) {
        out[11 - i] = kDigits[high & 63U];
        out[23 - i] = kDigits[low & 63U];
        high >>= 6U;
        low >>= 6U;
    }
}

User* Server::findUser(Bytes nick) const noexcept {
    const auto found = users_.find(nick);
    return found == users_.end() ? nullptr : found->second.get();
}

void Server::enter(std::unique_ptr<User> entering) {
    User& user = *entering;
    user.registered = true;
    user.signedOn = unixTime();
    user.lastSpoke = reactor_.now();
    users_.emplace(user.nick, std::move(entering));
    mostUsers_ = std::max(mostUsers_, users_.size());
    tellWatchers(user.nick, user.prefix(), true);
}

void Server::rename(User& user, const std::string& former) {
    auto node = users_.extract(users_.find(Bytes(former)));
    node.key() = user.nick;
    users_.insert(std::move(node));
    tellWatchers(former, former, false);
    tellWatchers(user.nick, user.prefix(), true);
}

std::unique_ptr<User> Server::leave(User& user) {
    while (!user.channels.empty())
        part(*user.channels.back().channel, user);
    whowas_.add(user, user.nick);
    if (user.account.empty())
        store_->metadata().clear("*" + irc::fold(user.nick));
    const auto at = users_.find(Bytes(user.nick));
    auto leaving = std::move(at->second);
    users_.erase(at);
    user.registered = false;
    if (user.isOper())
        countOperator(-1);
    if (user.has(UserMode::invisible))
        countInvisible(-1);
    tellWatchers(user.nick, user.nick, false);
    return leaving;
}

Channel* Server::findChannel(Bytes name) const noexcept {
    const auto found = channels_.find(name);
    return found == channels_.end() ? nullptr : found->second.get();
}

Channel& Server::makeChannel(Bytes name) {
    auto channel = std::make_unique<Channel>(std::string(name), ++serials_, unixTime());
    channel->flags = ChannelFlag::noExternal | ChannelFlag::topicLock;
    keeper_.apply(*channel);
    return *channels_.emplace(channel->name, std::move(channel)).first->second;
}

void Server::part(Channel& channel, User& user) {
    channel.remove(user);
    dropIfEmpty(channel);
}

void Server::dropIfEmpty(const Channel& channel) {
    if (!channel.members().empty() || channel.stands)
        return;
    keeper_.save(); // what has changed of it is still here
    channels_.erase(channels_.find(Bytes(channel.name)));
}

void Server::tell(const Channel& channel, Event& event, const User* except) {
    for (const Channel::Member& member : channel.members()) {
        if (member.user != except)
            member.user->deliver(event);
    }
}

void Server::remember(const Channel& channel, const Event& event, HistoryItem::Kind kind) {
    if (options_.history.messages > 0)
        store_->history().append(event.item(irc::fold(channel.name), kind));
}

void Server::happened(const Channel& channel, Event& event) {
    tell(channel, event);
    remember(channel, event, HistoryItem::Kind::event);
}

void Server::rememberEverywhere(const User& user, const Event& event) {
    for (const User::Place& place : user.channels)
        remember(*place.channel, event, HistoryItem::Kind::event);
}

void Server::markAbsent(User& user) {
    user.leftAt = unixMilliseconds();
    if (user.isAway())
        return;
    user.away = "Not connected";
    user.absent = true;
    Event event(*this, user, irc::LineWriter(user.prefix(), "AWAY").trailing(user.away));
    tellNeighbours(user, event, irc::Cap::awayNotify);
    keeper_.changed(user);
}

void Server::markPresent(User& user) {
    user.leftAt = 0;
    if (!std::exchange(user.absent, false))
        return;
    user.away.clear();
    Event event(*this, user, irc::LineWriter(user.prefix(), "AWAY"));
    tellNeighbours(user, event, irc::Cap::awayNotify);
    keeper_.changed(user);
}

void Server::remove(User& user, const std::string& reason) {
    user.ending = true;
    if (user.present())
        return user.forSessions([&](Session& session) { session.quit(reason); });
    Event event(*this, user, irc::LineWriter(user.prefix(), "QUIT").trailing(reason));
    tellNeighbours(user, event);
    rememberEverywhere(user, event);
    leave(user);
}

void Server::tellNeighbours(const User& user, Event& event, std::optional<irc::Cap> cap) {
    forNeighbours(user, [&](User& other) { cap ? other.deliver(event, *cap) : other.deliver(event); });
    if (!cap)
        return;
    // Who only watches the nick may ask to be told too (IRCv3 "extended-monitor").
    const auto found = watchers_.find(Bytes(user.nick));
    if (found == watchers_.end())
        return;
    for (Session* watcher : found->second) {
        if (watcher->user().mark != mark_ && watcher->has(irc::Cap::extendedMonitor) && watcher->has(*cap))
            watcher->deliver(event);
    }
}

void Server::giveRank(Channel& channel, const User& user, char letter) {
    const unsigned ranks = channel.ranks(user);
    const unsigned bit = Rank::ofLetter(letter);
    if ((ranks & bit) != 0)
        return;
    channel.setRanks(user, ranks | bit);
    irc::LineWriter line(name(), "MODE");
    Event event(*this, line.word(channel.name).word(std::string("+") + letter).word(user.nick));
    happened(channel, event);
    keeper_.changed(user);
}

bool Server::connectionBegins(const Address& peer) {
    ++connections_;
    return arrivals_.admit(peer, options_.arrivals, reactor_.now());
}

bool Server::accountBegins(const Address& peer) {
    return arrivals_.admitAccount(peer, options_.arrivals, reactor_.now());
}

const Gateway* Server::findGateway(const Address& peer) const {
    const auto found =
        std::find_if(options_.gateways.begin(), options_.gateways.end(), [&](const Gateway& each) {
            return each.from.contains(peer);
        });
    return found == options_.gateways.end() ? nullptr : &*found;
}

std::string Server::hostOf(const Address& peer) const {
    return options_.cloak ? options_.cloak->of(peer) : plainHostOf(peer);
}

bool Server::rehash() {
    if (!rehash_)
        return false;
    rehash_();
    return true;
}

const ServerBan* Server::findBan(const User& user) {
    if (store_->bans().all().empty() || user.isOper())
        return nullptr;
    store_->bans().expire(unixTime());
    for (const auto& [mask, ban] : store_->bans().all()) {
        if (fitsBan(ban.mask, user))
            return &ban;
    }
    return nullptr;
}

bool Server::shareChannel(const User& a, const User& b) const noexcept {
    const User& few = a.channels.size() < b.channels.size() ? a : b;
    const User& other = &few == &a ? b : a;
    return std::any_of(few.channels.begin(), few.channels.end(), [&](const User::Place& place) {
        return place.channel->has(other);
    });
}

void Server::notifyOperators(Bytes text) {
    log_.info("{}", text);
    if (operators_ == 0)
        return;
    for (const auto& [nick, user] : users_) {
        if (user->isOper() && user->has(UserMode::notices)) {
            irc::LineWriter line(name(), "NOTICE");
            line.word(user->nick).trailing(text);
            user->forSessions([&](Session& session) { session.send(line); });
        }
    }
}

void Server::watch(Session& watcher, const std::string& folded) {
    watchers_[folded].push_back(&watcher);
    watcher.monitored.push_back(folded);
}

void Server::unwatch(Session& watcher, Bytes folded) {
    std::erase(watcher.monitored, folded);
    const auto found = watchers_.find(folded);
    if (found == watchers_.end())
        return;
    std::erase(found->second, &watcher);
    if (found->second.empty())
        watchers_.erase(found);
}

void Server::forgetWatches(Session& watcher) {
    for (const std::string& nick : std::exchange(watcher.monitored, {}))
        unwatch(watcher, nick);
}

void Server::tellWatchers(Bytes nick, Bytes who, bool online) {
    const auto found = watchers_.find(nick);
    if (found == watchers_.end())
        return;
    for (Session* watcher : found->second)
        watcher->reply(online ? irc::numeric::RPL_MONONLINE : irc::numeric::RPL_MONOFFLINE, who);
}

} // namespace twistdpp::words
