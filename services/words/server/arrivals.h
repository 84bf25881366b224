#pragma once
#include "twistdpp/base/time.h"
#include "twistdpp/net/prefix.h"
#include "twistdpp/net/prefix_counts.h"

#include <cstddef>
#include <vector>

namespace twistdpp::words {

/// How much may come from one address; of IPv6 a /64 counts as one. Zero stands for no limit.
struct ArrivalLimits {
    ArrivalLimits() = default;
    std::size_t atOnce = 0;
    std::size_t aMinute = 0;
    std::size_t accountsAnHour = 0; // that are made from there
    std::vector<Prefix> exempt;     // and the machine itself, always
};

/// Counts connections by where they come from. Belongs to one thread.
class Arrivals {
public:
    /// Whether one more from there is let in at `now`. It counts, let in or not, until left().
    bool admit(const Address& peer, const ArrivalLimits& limits, TimePoint now);
    void left(const Address& peer) { open_.remove(peer); }
    /// Whether somebody there may make another account; it counts.
    bool admitAccount(const Address& peer, const ArrivalLimits& limits, TimePoint now);

private:
    PrefixCounts open_{32, 64};
    PrefixCounts recent_{32, 64}; // since the minute began
    PrefixCounts made_{32, 64};   // accounts, since the hour began
    TimePoint minute_{};
    TimePoint hour_{};
};

} // namespace twistdpp::words
