#include "twistdpp/posix/timer_wheel.h"

#include <algorithm>
#include <bit>

namespace twistdpp {

namespace {
using std::chrono::milliseconds;
constexpr Duration kTick = milliseconds(1);
} // namespace

TimerWheel::TimerWheel() : origin_(std::chrono::steady_clock::now()), now_(origin_) {
    Slot* slot = slots_.data();
    std::uint64_t* word = occupied_.data();
    unsigned shift = 0;
    for (std::size_t i = 0; i < levels_.size(); ++i) {
        const unsigned count = 1U << kBits[i];
        levels_[i] = Level{slot, word, shift, count - 1};
        slot += count;
        word += count / 64;
        shift += kBits[i];
    }
}

TimerWheel::~TimerWheel() {
    const auto abandonAll = [](Slot& slot) {
        while (TimerNode* node = slot.popFront())
            node->abandon();
    };
    for (Slot& slot : slots_)
        abandonAll(slot);
    abandonAll(immediate_);
}

std::uint64_t TimerWheel::tickOf(TimePoint time) const noexcept {
    if (time <= origin_)
        return 0;
    // Rounded up: the tick is the first at which the time has passed.
    return static_cast<std::uint64_t>((time - origin_ + kTick - Duration(1)) / kTick);
}

void TimerWheel::arm(TimerNode& node) noexcept {
    if (node.due() <= now_)
        immediate_.pushBack(node);
    else
        place(node, std::max(tickOf(node.due()), current_ + 1));
}

void TimerWheel::disarm(TimerNode& node) noexcept {
    node.unlink();
}

void TimerWheel::place(TimerNode& node, std::uint64_t tick) noexcept {
    node.rank = tick;
    // The level at which the tick and the current one differ only within one turn of that wheel.
    std::size_t level = 0;
    while (level + 1 < levels_.size() &&
           (tick >> levels_[level + 1].shift) != (current_ >> levels_[level + 1].shift))
        ++level;
    const Level& wheel = levels_[level];
    std::uint64_t position = tick >> wheel.shift;
    // Further away than the coarsest wheel turns once: as far as it goes, to be placed again from there.
    if (position - (current_ >> wheel.shift) > wheel.mask)
        position = (current_ >> wheel.shift) + wheel.mask;
    const auto slot = static_cast<unsigned>(position & wheel.mask);
    wheel.slots[slot].pushBack(node);
    wheel.occupied[slot / 64] |= std::uint64_t{1} << (slot % 64);
}

std::optional<std::uint64_t> TimerWheel::nextTick() noexcept {
    std::optional<std::uint64_t> best;
    for (const Level& wheel : levels_) {
        const std::uint64_t base = current_ >> wheel.shift;
        for (unsigned ahead = 0; ahead <= wheel.mask; ++ahead) {
            const auto slot = static_cast<unsigned>((base + ahead) & wheel.mask);
            std::uint64_t& word = wheel.occupied[slot / 64];
            const std::uint64_t rest = word >> (slot % 64);
            if (rest == 0) {
                ahead += 63 - slot % 64; // the whole rest of the word is empty
                continue;
            }
            const auto skip = static_cast<unsigned>(std::countr_zero(rest));
            if (skip > 0) {
                ahead += skip - 1;
                continue;
            }
            if (wheel.slots[slot].empty()) {
                word &= ~(std::uint64_t{1} << (slot % 64));
                continue;
            }
            const std::uint64_t tick = std::max((base + ahead) << wheel.shift, current_ + 1);
            best = best ? std::min(*best, tick) : tick;
            break;
        }
    }
    return best;
}

std::optional<Duration> TimerWheel::untilNext() noexcept {
    if (!immediate_.empty())
        return Duration(0);
    const auto tick = nextTick();
    if (!tick)
        return std::nullopt;
    const TimePoint due = origin_ + kTick * static_cast<std::int64_t>(*tick);
    return due > now_ ? due - now_ : Duration(0);
}

void TimerWheel::runSlot(Slot& slot) {
    while (TimerNode* node = slot.popFront()) {
        if (node->rank > current_)
            place(*node, node->rank);
        else
            node->fire();
    }
}

void TimerWheel::advance(TimePoint now) {
    now_ = std::max(now, now_);
    Slot due;
    due.splice(immediate_);
    while (TimerNode* node = due.popFront())
        node->fire();

    const auto target = static_cast<std::uint64_t>((now_ - origin_) / kTick);
    while (current_ < target) {
        const auto next = nextTick();
        if (!next || *next > target) {
            current_ = target;
            break;
        }
        current_ = *next;
        // From the coarsest down: what is placed anew may land in a finer slot of this very tick.
        for (std::size_t i = levels_.size(); i-- > 0;) {
            const Level& wheel = levels_[i];
            if ((current_ & ((std::uint64_t{1} << wheel.shift) - 1)) != 0)
                continue;
            Slot batch;
            batch.splice(wheel.slots[(current_ >> wheel.shift) & wheel.mask]);
            runSlot(batch);
        }
    }
}

} // namespace twistdpp
