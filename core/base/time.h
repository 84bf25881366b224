#pragma once
#include <chrono>

namespace twistdpp {

using Duration = std::chrono::nanoseconds;

/// A point on the monotonic clock of one Reactor. The simulated reactor makes its own, so points of different
/// reactors must not be compared.
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, Duration>;

} // namespace twistdpp
