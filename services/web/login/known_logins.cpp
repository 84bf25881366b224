#include "twistdpp/service_web/login/known_logins.h"

#include "twistdpp/cred/password_digest.h"

#include <algorithm>
#include <utility>

namespace twistdpp::web {

KnownLogins::KnownLogins() : key_(randomBytes(32)) {}

std::string KnownLogins::digest(const BasicCredentials& credentials) const {
    // A name has no colon, so that no two pairs make the same text.
    std::string both = credentials.user + ":";
    both.reserve(both.size() + credentials.password.size());
    both += credentials.password.bytes();
    std::string out = hmacSha256(key_, both);
    wipe(both.data(), both.size());
    return out;
}

const KnownLogins::Login* KnownLogins::find(const BasicCredentials& credentials, TimePoint now) {
    const auto found = logins_.find(digest(credentials));
    if (found == logins_.end())
        return nullptr;
    if (found->second.until > now)
        return &found->second.login;
    logins_.erase(found);
    return nullptr;
}

void KnownLogins::add(const BasicCredentials& credentials, Login login, TimePoint now) {
    std::erase_if(logins_, [now](const auto& each) { return each.second.until <= now; });
    if (logins_.size() >= kMost)
        logins_.erase(std::min_element(logins_.begin(), logins_.end(), [](const auto& a, const auto& b) {
            return a.second.until < b.second.until;
        }));
    logins_.insert_or_assign(digest(credentials), Entry{std::move(login), now + kGoodFor});
}

} // namespace twistdpp::web
