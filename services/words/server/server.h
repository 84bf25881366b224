#pragma once
#include "twistdpp/words_server/channel.h"
#include "twistdpp/words_server/command.h"
#include "twistdpp/words_server/event.h"
#include "twistdpp/words_server/keeper.h"
#include "twistdpp/words_server/name_map.h"
#include "twistdpp/words_server/server_options.h"
#include "twistdpp/words_server/user.h"
#include "twistdpp/words_server/wall_clock.h"
#include "twistdpp/words_server/whowas.h"
#include "twistdpp/words_store/store.h"

#include "twistdpp/app/logger.h"
#include "twistdpp/base/unique_function.h"
#include "twistdpp/cred/authenticator.h"
#include "twistdpp/reactor/protocol.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace twistdpp::words {

class Session;

/// A chat server: its users and channels. It is the factory of its connections' protocols and must outlive
/// them. Belongs to one reactor's thread.
class Server final : public Factory {
public:
    /// `accounts` checks names and passwords; without it there are none but those that people make, if the
    /// options allow that. Without a `store` all is kept in memory.
    Server(
        Reactor& reactor, ServerOptions options, std::optional<Authenticator> accounts, Logger log,
        std::unique_ptr<Store> store = nullptr
    );
    ~Server() override;

    std::unique_ptr<Protocol> buildProtocol(const Address& peer) override;

    Reactor& reactor() const noexcept { return reactor_; }
    const ServerOptions& options() const noexcept { return options_; }
    /// Takes the texts, passwords and limits of `fresh`; the host's and network's names stay, and groups are
    /// only added.
    void reconfigure(ServerOptions fresh, std::optional<Authenticator> accounts);
    const std::string& name() const noexcept { return options_.hostname; }
    const Logger& log() const noexcept { return log_; }
    Authenticator* accounts() noexcept { return accounts_ ? &*accounts_ : nullptr; }
    /// For OPER, and for the server's password under the empty name.
    Authenticator& keepers() noexcept { return *keepers_; }

    Store& store() noexcept { return *store_; }
    Keeper& keeper() noexcept { return keeper_; }
    /// Fires when all that is to be kept is; for the end.
    Deferred<void> finish();
    WallClock& clock() noexcept { return clock_; }
    std::int64_t startTime() const noexcept { return started_; }
    /// 24 characters, unique for this server and across its restarts.
    void nextMessageId(std::array<char, 24>& out) noexcept;
    Bursts& bursts() noexcept { return bursts_; }
    /// Memory for a text that is used up before anything else is called.
    std::string& scratch() noexcept { return scratch_; }
    /// A number that no User::mark has yet: whoever is given it was visited in this round.
    std::uint64_t newMark() noexcept { return ++mark_; }

    /// A registered user by nick, or nullptr.
    User* findUser(Bytes nick) const noexcept;
    const NameMap<std::unique_ptr<User>>& users() const noexcept { return users_; }
    /// A user that is ready to be seen: takes it.
    void enter(std::unique_ptr<User> entering);
    /// The nick was changed to one that is another name; `former` is what it was.
    void rename(User& user, const std::string& former);
    /// The user is on without a connection from now on, or has one again.
    void markAbsent(User& user);
    void markPresent(User& user);
    /// Ends a user, with or without connections.
    void remove(User& user, const std::string& reason);
    /// Out of all channels and out of the table; nobody but watchers is told. The caller owns it then.
    std::unique_ptr<User> leave(User& user);
    WhowasList& whowas() noexcept { return whowas_; }

    Channel* findChannel(Bytes name) const noexcept;
    const NameMap<std::unique_ptr<Channel>>& channels() const noexcept { return channels_; }
    Channel& makeChannel(Bytes name);
    void part(Channel& channel, User& user);
    void dropIfEmpty(const Channel& channel);

    /// To every member but `except`.
    void tell(const Channel& channel, Event& event, const User* except = nullptr);
    /// To every member, and into the channel's history.
    void happened(const Channel& channel, Event& event);
    /// Into the histories of all channels that `user` is on.
    void rememberEverywhere(const User& user, const Event& event);
    void remember(const Channel& channel, const Event& event, HistoryItem::Kind kind);
    /// To each user who shares a channel with `user`, once, and not to itself; `cap`: to those with it.
    void tellNeighbours(const User& user, Event& event, std::optional<irc::Cap> cap = std::nullopt);
    /// f(User&) for each of them, once.
    template <class F>
    void forNeighbours(const User& user, F f) {
        const std::uint64_t mark = newMark();
        const_cast<User&>(user).mark = mark;
        for (const User::Place& place : user.channels) {
            for (const Channel::Member& member : place.channel->members()) {
                if (member.user->mark == mark)
                    continue;
                member.user->mark = mark;
                f(*member.user);
            }
        }
    }
    /// A rank that the server gives; nothing happens when the user has it.
    void giveRank(Channel& channel, const User& user, char letter);
    bool shareChannel(const User& a, const User& b) const noexcept;
    /// To operators with +s, and the log.
    void notifyOperators(Bytes text);
    /// What REHASH does: has all options read anew. Without it there is no REHASH.
    void onRehash(UniqueFunction<void()> rehash) { rehash_ = std::move(rehash); }
    /// False when it cannot.
    bool rehash();

    /// Who watches for a nick (MONITOR).
    void watch(Session& watcher, const std::string& folded);
    void unwatch(Session& watcher, Bytes folded);
    void forgetWatches(Session& watcher);

    CommandCounts& commandCounts() noexcept { return counts_; }
    std::size_t connections() const noexcept { return connections_; }
    /// False: too many come from there, and this one is to be sent away.
    bool connectionBegins(const Address& peer);
    /// False: too many accounts were made from there of late.
    bool accountBegins(const Address& peer);
    void connectionEnds(const Address& peer) {
        --connections_;
        arrivals_.left(peer);
    }
    /// The gateway that connections from there may speak for, or nullptr.
    const Gateway* findGateway(const Address& peer) const;
    /// How a client's address is shown, as a host in "nick!user@host".
    std::string hostOf(const Address& peer) const;
    /// The ban of the server that fits `user`, or nullptr.
    const ServerBan* findBan(const User& user);
    /// Connections that have become users.
    std::size_t registered() const noexcept { return registered_; }
    void countRegistered(int change) noexcept { registered_ += static_cast<std::size_t>(change); }
    std::size_t operators() const noexcept { return operators_; }
    void countOperator(int change) noexcept { operators_ += static_cast<std::size_t>(change); }
    std::size_t invisible() const noexcept { return invisible_; }
    void countInvisible(int change) noexcept { invisible_ += static_cast<std::size_t>(change); }
    std::size_t mostUsers() const noexcept { return mostUsers_; }
    /// The tokens of 005, as many on each line as may be.
    const std::vector<std::vector<std::string>>& isupport() const noexcept { return isupport_; }

private:
    void makeAccounts();
    void makeKeepers();
    void makeIsupport();
    void makeGroups();
    void announceSasl(bool offered);
    void tellWatchers(Bytes nick, Bytes who, bool online);

    Reactor& reactor_;
    ServerOptions options_;
    std::optional<Authenticator> accounts_;
    std::optional<Authenticator> keepers_;
    Logger log_;
    WallClock clock_;
    std::unique_ptr<Store> store_;
    Keeper keeper_{*this};
    NameMap<std::unique_ptr<User>> users_;
    NameMap<std::unique_ptr<Channel>> channels_;
    NameMap<std::vector<Session*>> watchers_;
    WhowasList whowas_;
    CommandCounts counts_;
    Arrivals arrivals_;
    Bursts bursts_{reactor_};
    UniqueFunction<void()> rehash_;
    std::vector<std::vector<std::string>> isupport_;
    std::string scratch_;
    std::int64_t started_;
    std::uint64_t mark_ = 0;
    std::uint64_t messages_ = 0;
    std::uint64_t serials_ = 0;
    std::uint64_t instance_;
    std::size_t connections_ = 0;
    std::size_t registered_ = 0;
    std::size_t operators_ = 0;
    std::size_t invisible_ = 0;
    std::size_t mostUsers_ = 0;
};

} // namespace twistdpp::words
