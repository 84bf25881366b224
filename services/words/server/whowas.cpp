#include "twistdpp/words_server/whowas.h"

#include "twistdpp/words_server/user.h"
#include "twistdpp/words_server/wall_clock.h"

namespace twistdpp::words {

void WhowasList::add(const User& user, const std::string& nick) {
    entries_.push_front({nick, user.ident, user.host, user.realname, user.account, unixTime()});
    if (entries_.size() > kMost)
        entries_.pop_back();
}

} // namespace twistdpp::words
