#include "twistdpp/words_server/arrivals.h"

#include <algorithm>

namespace twistdpp::words {

namespace {

bool isExempt(const Address& peer, const ArrivalLimits& limits) {
    return !peer.isIp() || peer.isLoopback() ||
           std::any_of(limits.exempt.begin(), limits.exempt.end(), [&](const Prefix& prefix) {
               return prefix.contains(peer);
           });
}

/// Whether one more within the present `span`, which begins anew at `now` when it is over, is not too many.
bool countWithin(
    Duration span, TimePoint now, TimePoint& begin, PrefixCounts& counts, const Address& peer,
    std::size_t most
) {
    if (now - begin >= span) {
        begin = now;
        counts = PrefixCounts(32, 64);
    }
    counts.add(peer);
    return most == 0 || counts.count(peer) <= most;
}

} // namespace

bool Arrivals::admit(const Address& peer, const ArrivalLimits& limits, TimePoint now) {
    open_.add(peer);
    if (isExempt(peer, limits))
        return true;
    const bool inTime = countWithin(std::chrono::minutes(1), now, minute_, recent_, peer, limits.aMinute);
    return inTime && (limits.atOnce == 0 || open_.count(peer) <= limits.atOnce);
}

bool Arrivals::admitAccount(const Address& peer, const ArrivalLimits& limits, TimePoint now) {
    return isExempt(peer, limits) ||
           countWithin(std::chrono::hours(1), now, hour_, made_, peer, limits.accountsAnHour);
}

} // namespace twistdpp::words
