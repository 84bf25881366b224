#pragma once
#include "twistdpp/reactor/address.h"

#include <cstdint>
#include <vector>

namespace twistdpp::dns {

/// Response rate limiting: who sends us questions under a victim's address gets no more than so many like
/// answers a second to that network (/24 and /56). Every second answer above it goes out truncated, so that a
/// real client behind the same addresses comes back by TCP. A table of fixed size; networks that fall on one
/// place share it.
class RateLimiter {
public:
    enum class Verdict { send, truncate, drop };

    /// `perSecond` like answers; 0: no limit.
    explicit RateLimiter(unsigned perSecond);

    /// `kind` tells like answers from unlike ones: the hash of the name that a positive answer is of, or of
    /// the zone of an error. `seconds` is any clock's.
    Verdict check(const Address& client, std::uint32_t kind, std::uint32_t seconds) noexcept;
    bool active() const noexcept { return perSecond_ != 0; }

private:
    struct Bucket {
        std::uint32_t who = 0, second = 0;
        std::uint32_t count = 0;
    };
    unsigned perSecond_;
    std::vector<Bucket> buckets_;
};

} // namespace twistdpp::dns
