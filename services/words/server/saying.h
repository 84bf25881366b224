#pragma once
#include "twistdpp/words_server/event.h"
#include "twistdpp/words_server/session.h"

#include "twistdpp/base/bytes.h"
#include "twistdpp/irc/numerics.h"

#include <string>

namespace twistdpp::words {

struct Multiline;

/// A message on its way from a session to one target after another. Lives on the stack.
class Saying {
public:
    /// `command` is PRIVMSG, NOTICE or TAGMSG, whose text is empty. `tags` are the client-only ones. All is
    /// borrowed.
    Saying(Session& session, Bytes command, Bytes text, Bytes tags) noexcept
        : session_(session), command_(command), text_(text), tags_(tags) {}
    /// Several lines.
    Saying(Session& session, const Multiline& lines, Bytes tags) noexcept;

    /// To a channel, to those of a rank in it ("@#channel", STATUSMSG), or to a user. What is wrong is
    /// answered, unless it is a NOTICE, which never is.
    void to(Bytes target) const;

private:
    template <class... Params>
    void refuse(const irc::Numeric& numeric, const Params&... params) const {
        if (command_ != "NOTICE")
            session_.reply(numeric, params...);
    }
    bool tagsOnly() const noexcept { return command_ == "TAGMSG"; }
    HistoryItem::Kind kind() const noexcept {
        return tagsOnly() ? HistoryItem::Kind::tags : HistoryItem::Kind::message;
    }
    void remember(const User& to, const Event& said) const;
    Event event(Bytes target) const;
    void toChannel(Bytes target) const;
    void toUser(Bytes target) const;

    Session& session_;
    Bytes command_, text_, tags_;
    const Multiline* lines_ = nullptr;
};

/// The tags that clients send for clients, as they came.
std::string clientOnlyTags(Bytes tags);

} // namespace twistdpp::words
