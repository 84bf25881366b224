#pragma once
#include "twistdpp/reactor/timer.h"

#include <array>
#include <cstdint>
#include <optional>

namespace twistdpp {

/// Timers in four wheels of rising coarseness with ticks of one millisecond: arming and stopping is O(1), and
/// a turn costs what runs out in it. A timer never runs early.
class TimerWheel final : public TimerQueue {
public:
    TimerWheel();
    ~TimerWheel() override;

    TimePoint now() const noexcept override { return now_; }
    /// Moves the time and runs what is due by then.
    void advance(TimePoint now);
    /// Moves the time and runs nothing: before the loop has begun.
    void setNow(TimePoint now) noexcept { now_ = now; }
    /// How long from now until advance() has something to do; nothing when no timer is armed.
    std::optional<Duration> untilNext() noexcept;

private:
    static constexpr int kLevels = 4;
    static constexpr unsigned kBits[kLevels] = {8, 6, 6, 6};
    using Slot = IntrusiveList<TimerNode>;

    struct Level {
        Slot* slots = nullptr;
        std::uint64_t* occupied = nullptr; // a bit a slot; may be set for a slot that has become empty
        unsigned shift = 0;
        unsigned mask = 0;
    };

    void arm(TimerNode& node) noexcept override;
    void disarm(TimerNode& node) noexcept override;
    void place(TimerNode& node, std::uint64_t tick) noexcept;
    std::optional<std::uint64_t> nextTick() noexcept;
    void runSlot(Slot& slot);
    std::uint64_t tickOf(TimePoint time) const noexcept;

    TimePoint origin_;
    TimePoint now_;
    std::uint64_t current_ = 0; // every tick up to it has run
    std::array<Slot, 256 + 3 * 64> slots_;
    std::array<std::uint64_t, 4 + 3> occupied_{};
    std::array<Level, kLevels> levels_;
    Slot immediate_; // due already when armed: they run in the next turn
};

} // namespace twistdpp
