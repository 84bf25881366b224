#pragma once
#include "twistdpp/words_server/user_mode.h"

#include "twistdpp/base/bytes.h"
#include "twistdpp/base/time.h"
#include "twistdpp/irc/capability.h"
#include "twistdpp/reactor/address.h"

#include <cstdint>
#include <string>
#include <vector>

namespace twistdpp::words {

class Channel;
class Event;
class Session;

/// Someone on the server: what others see and what they belong to. Its first session owns it until it is
/// registered, and the Server from then on. Most users have one session; one who is logged in may have
/// several under the same nick, which all see the same.
class User {
public:
    User() = default;
    User(const User&) = delete;
    User& operator=(const User&) = delete;

    // Its connections.
    void attach(Session& session) noexcept;
    void detach(Session& session) noexcept;
    bool present() const noexcept { return sessions_ != nullptr; }
    /// f(Session&) for each; none may be attached or detached meanwhile, unless it is the one that f is
    /// given.
    template <class F>
    void forSessions(F f) const;
    /// A line for each of its sessions, or for those with the capability.
    void deliver(Event& event) const;
    void deliver(Event& event, irc::Cap cap) const;

    /// "nick!user@host", which stands in front of what it says.
    const std::string& prefix() const noexcept { return prefix_; }
    /// After a change of the nick, user or host.
    void updatePrefix() { prefix_ = nick + "!" + ident + "@" + host; }
    bool has(unsigned mode) const noexcept { return (modes & mode) != 0; }
    bool isOper() const noexcept { return has(UserMode::oper); }
    bool isAway() const noexcept { return !away.empty(); }

    /// A channel that it is on, and where it stands in that channel's members.
    struct Place {
        Channel* channel;
        std::uint32_t index;
    };

    std::string nick; // as it is written; empty before NICK
    std::string ident, host, realname;
    std::string realHost; // where it came from, whatever is shown
    std::string account;  // empty: not logged in
    std::string away;     // empty: here
    std::vector<Place> channels;
    std::vector<std::uint64_t> invites; // serial numbers of channels
    unsigned modes = 0;
    std::uint64_t mark = 0; // see Server::newMark()
    std::int64_t signedOn = 0;
    TimePoint lastSpoke{};
    bool registered = false;
    bool ending = false;     // goes with its last connection, always on or not
    bool absent = false;     // away only because it has no connection
    std::int64_t leftAt = 0; // when its last connection ended, in milliseconds since 1970; 0: it has one

private:
    Session* sessions_ = nullptr; // the first; each knows the next
    std::string prefix_;
};

/// An address as a host in "nick!user@host", where nothing may begin with ':'; "localhost" for a unix socket.
std::string plainHostOf(const Address& peer);

} // namespace twistdpp::words
