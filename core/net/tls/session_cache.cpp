#include "twistdpp/tls/session_cache.h"

#include <openssl/ssl.h>

namespace twistdpp::detail {

void SessionCache::put(const std::string& host, SessionHandle session) {
    const std::lock_guard lock(mutex_);
    auto [at, isNew] = entries_.try_emplace(host);
    if (isNew)
        at->second.use = uses_.insert(uses_.begin(), host);
    else
        uses_.splice(uses_.begin(), uses_, at->second.use);
    auto& sessions = at->second.sessions;
    if (sessions.size() == kPerHost)
        sessions.erase(sessions.begin());
    sessions.push_back(std::move(session));
    if (entries_.size() > hosts_) {
        entries_.erase(uses_.back());
        uses_.pop_back();
    }
}

SessionHandle SessionCache::take(const std::string& host) {
    const std::lock_guard lock(mutex_);
    const auto at = entries_.find(host);
    if (at == entries_.end())
        return nullptr;
    uses_.splice(uses_.begin(), uses_, at->second.use);
    auto& sessions = at->second.sessions;
    while (!sessions.empty()) {
        SessionHandle& newest = sessions.back();
        if (SSL_SESSION_is_resumable(newest.get()) != 1) {
            sessions.pop_back();
            continue;
        }
        if (SSL_SESSION_get_protocol_version(newest.get()) < TLS1_3_VERSION) {
            SSL_SESSION_up_ref(newest.get());
            return SessionHandle(newest.get());
        }
        SessionHandle taken = std::move(newest);
        sessions.pop_back();
        return taken;
    }
    return nullptr;
}

} // namespace twistdpp::detail
