#pragma once
#include "twistdpp/reactor/timer.h"

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace twistdpp {

/// Virtual time and all that is to happen in it: whatever the simulation puts off is a TimerNode, so that one
/// order, due time and then order of arming, holds for timers and network alike.
class SimClock final : public TimerQueue {
public:
    SimClock() = default;
    ~SimClock() override;

    TimePoint now() const noexcept override { return now_; }
    /// Since the beginning of the simulation.
    Duration elapsed() const noexcept { return now_ - kBegin; }
    /// When the next timer is due, if there is one.
    std::optional<TimePoint> next() const noexcept;
    void setNow(TimePoint now) noexcept { now_ = now; }
    /// Runs what is due now; what is armed meanwhile waits for the next call.
    void runDue();

private:
    // Not zero, which a TimePoint that was never set is.
    static constexpr TimePoint kBegin{std::chrono::hours(1000)};
    using Key = std::pair<TimePoint, std::uint64_t>;
    using Nodes = std::map<Key, TimerNode*>;

    void arm(TimerNode& node) noexcept override;
    void disarm(TimerNode& node) noexcept override;

    Nodes waiting_;
    std::vector<Nodes::node_type> spare_; // map nodes to use again: most timers are re-armed
    IntrusiveList<TimerNode> running_;    // due in this turn
    TimePoint now_ = kBegin;
    std::uint64_t armed_ = 0;
};

} // namespace twistdpp
