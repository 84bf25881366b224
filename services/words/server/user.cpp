#include "twistdpp/words_server/user.h"

#include "twistdpp/words_server/event.h"
#include "twistdpp/words_server/session.h"

namespace twistdpp::words {

void User::attach(Session& session) noexcept {
    session.next_ = sessions_;
    sessions_ = &session;
}

void User::detach(Session& session) noexcept {
    for (Session** at = &sessions_; *at; at = &(*at)->next_) {
        if (*at == &session) {
            *at = std::exchange(session.next_, nullptr);
            return;
        }
    }
}

void User::deliver(Event& event) const {
    for (Session* session = sessions_; session; session = session->next_)
        session->deliver(event);
}

void User::deliver(Event& event, irc::Cap cap) const {
    for (Session* session = sessions_; session; session = session->next_) {
        if (session->has(cap))
            session->deliver(event);
    }
}

std::string plainHostOf(const Address& peer) {
    if (!peer.isIp())
        return "localhost";
    std::string host = peer.host();
    if (host.front() == ':')
        host.insert(0, "0");
    return host;
}

} // namespace twistdpp::words
