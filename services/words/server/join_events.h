#pragma once
#include "twistdpp/words_server/event.h"

#include "twistdpp/irc/capability.h"

namespace twistdpp::words {

class Channel;

/// That a user has come into a channel, in the forms in which it is told (extended-join has the account and
/// the real name). Lives on the stack while it is handed out.
class JoinEvents {
public:
    JoinEvents(Server& server, const User& user, const Channel& channel);

    /// The form for a receiver with `caps`.
    Event& forCaps(irc::CapSet caps) noexcept {
        return caps.has(irc::Cap::extendedJoin) ? extended_ : plain_;
    }
    /// To each session of `to` in its form.
    void deliver(const User& to);

private:
    Event plain_;
    Event extended_;
};

} // namespace twistdpp::words
