#include "twistdpp/words_server/arrivals.h"

#include <algorithm>

namespace twistdpp::words {

bool Arrivals::admit(const Address& peer, const ArrivalLimits& limits, TimePoint now) {
    open_.add(peer);
    const bool exempt = !peer.isIp() || peer.isLoopback() ||
                        std::any_of(limits.exempt.begin(), limits.exempt.end(), [&](const Prefix& prefix) {
                            return prefix.contains(peer);
                        });
    if (exempt)
        return true;
    if (now - minute_ >= std::chrono::minutes(1)) {
        minute_ = now;
        recent_ = PrefixCounts(32, 64);
    }
    recent_.add(peer);
    return (limits.atOnce == 0 || open_.count(peer) <= limits.atOnce) &&
           (limits.aMinute == 0 || recent_.count(peer) <= limits.aMinute);
}

} // namespace twistdpp::words
