#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/base/time.h"

#include <cstdint>
#include <string>
#include <vector>

namespace twistdpp::words {

class Channel;
class Session;

/// User modes as bits; the letters stand in user_modes.h.
struct UserMode {
    static constexpr unsigned invisible = 1; // i: WHO and NAMES show it only to who shares a channel
    static constexpr unsigned oper = 2;      // o
    static constexpr unsigned wallops = 4;   // w: gets WALLOPS
    static constexpr unsigned notices = 8;   // s: operators: gets notices of the server
};

/// Someone on the server: what others see and what they belong to. Belongs to its Session.
class User {
public:
    explicit User(Session& of) noexcept : session(&of) {}
    User(const User&) = delete;
    User& operator=(const User&) = delete;

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

    Session* session;
    std::string nick; // as it is written; empty before NICK
    std::string ident, host, realname;
    std::string account; // empty: not logged in
    std::string away;    // empty: here
    std::vector<Place> channels;
    std::vector<std::uint64_t> invites; // serial numbers of channels
    std::vector<std::string> monitored; // folded nicks
    unsigned modes = 0;
    std::uint64_t mark = 0; // see Server::newMark()
    std::int64_t signedOn = 0;
    TimePoint lastSpoke{};
    bool registered = false;

private:
    std::string prefix_;
};

} // namespace twistdpp::words
