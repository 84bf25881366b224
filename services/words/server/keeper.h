#pragma once
#include "twistdpp/words_store/channel_record.h"

#include "twistdpp/base/bytes.h"
#include "twistdpp/reactor/timer.h"

#include <cstdint>
#include <set>
#include <string>

namespace twistdpp::words {

class Channel;
class Server;
class User;

/// Keeps the store up with what is on the server: registered channels and those of --group, and users who
/// are always on. What has changed is written a second later, together. Belongs to the Server.
class Keeper {
public:
    explicit Keeper(Server& server) noexcept : server_(server) {}

    /// Brings the users back that are always on; at the start.
    void restore();
    /// To a channel that was just made: what the store has of it, if it has anything.
    void apply(Channel& channel) const;
    /// What someone gets on joining a registered channel.
    unsigned ranksFor(const Channel& channel, const User& user) const;
    bool isRegistered(const Channel& channel) const;

    void changed(const Channel& channel);
    void changed(const User& user);
    /// Whether `user` stays without a connection.
    bool staysOn(const User& user) const;
    /// The channel is given up by who registered it.
    void forget(const Channel& channel);
    /// All that is to be kept of a channel as it is now.
    ChannelRecord recordOf(const Channel& channel) const;
    /// Writes what has changed so far.
    void save();
    /// The same, and where all are that are always on: for the end.
    void saveAll();

private:
    void later();

    Server& server_;
    std::set<std::string> channels_; // folded names of those that have changed
    std::set<std::string> accounts_; // of the users who have
    Timer timer_;
};

} // namespace twistdpp::words
