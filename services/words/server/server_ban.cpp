#include "twistdpp/words_server/server_ban.h"

#include "twistdpp/words_server/user.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/irc/mask.h"
#include "twistdpp/net/prefix.h"

#include <algorithm>

namespace twistdpp::words {

bool fitsBan(Bytes mask, const User& user) {
    Bytes host = mask;
    const Bytes name = ascii::cut(host, '@');
    if (!irc::matchMask(name, user.ident))
        return false;
    if (host.find('/') != Bytes::npos) {
        const auto prefix = Prefix::parse(host);
        const auto address = Address::parse(user.realHost, 0);
        return prefix && address && prefix->contains(*address);
    }
    return irc::matchMask(host, user.host) || irc::matchMask(host, user.realHost);
}

bool isBanMask(Bytes mask) noexcept {
    Bytes host = mask;
    const Bytes name = ascii::cut(host, '@');
    if (name.empty() || host.empty() || mask.size() > irc::kMaxMask || mask.front() == ':')
        return false;
    if (host.find('/') != Bytes::npos)
        return Prefix::parse(host).ok();
    // Something of it has to be more than wildcards and dots.
    return std::any_of(mask.begin(), mask.end(), [](char c) {
        return c != '*' && c != '?' && c != '.' && c != '@' && c != ':';
    });
}

} // namespace twistdpp::words
