#pragma once
#include "twistdpp/base/time.h"

#include <algorithm>
#include <cstdint>

namespace twistdpp {

/// Allows `rate` tokens a second, and up to `burst` of them at once after a quiet time. Kept as the time at
/// which the debt is paid (the "generic cell rate algorithm"), so that no timer has to fill anything up. A
/// taker may overdraw; the next one waits for longer then. A value.
class TokenBucket {
public:
    /// `burst` of 0 stands for one second's worth.
    explicit TokenBucket(double rate, double burst = 0) noexcept
        : perToken_(1e9 / rate), capacity_(perToken_ * (burst > 0 ? burst : std::max(rate, 1.0))) {}

    /// How many whole tokens there are; 0 while in debt.
    std::uint64_t available(TimePoint now) const noexcept {
        const double credit = capacity_ - debt(now);
        // The clock's nanoseconds round down what is there in truth.
        return credit <= 0 ? 0 : static_cast<std::uint64_t>((credit + 1) / perToken_);
    }
    void take(std::uint64_t tokens, TimePoint now) noexcept {
        const double owed = debt(now) + static_cast<double>(tokens) * perToken_;
        paid_ = now + Duration(static_cast<Duration::rep>(std::min(owed, kMost)));
    }
    /// How long until `tokens` (at most the burst) are there; zero when they are.
    Duration untilAvailable(std::uint64_t tokens, TimePoint now) const noexcept {
        const double wanted = std::min(static_cast<double>(tokens) * perToken_, capacity_);
        const double missing = debt(now) + wanted - capacity_;
        return missing <= 0 ? Duration::zero()
                            : Duration(static_cast<Duration::rep>(std::min(missing, kMost)) + 1);
    }

private:
    static constexpr double kMost = 9e17; // nanoseconds, below the clock's range

    double debt(TimePoint now) const noexcept {
        return paid_ > now ? static_cast<double>((paid_ - now).count()) : 0.0;
    }

    double perToken_; // nanoseconds
    double capacity_; // nanoseconds' worth of a full bucket
    TimePoint paid_ = TimePoint::min();
};

} // namespace twistdpp
