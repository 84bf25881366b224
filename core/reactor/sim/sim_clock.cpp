#include "twistdpp/sim/sim_clock.h"

namespace twistdpp {

namespace {
constexpr std::size_t kSpare = 64;
}

SimClock::~SimClock() {
    while (!waiting_.empty()) {
        TimerNode* const node = waiting_.begin()->second;
        waiting_.erase(waiting_.begin());
        node->abandon();
    }
}

std::optional<TimePoint> SimClock::next() const noexcept {
    if (waiting_.empty())
        return std::nullopt;
    return waiting_.begin()->first.first;
}

void SimClock::runDue() {
    while (!waiting_.empty() && waiting_.begin()->first.first <= now_) {
        auto taken = waiting_.extract(waiting_.begin());
        running_.pushBack(*taken.mapped());
        if (spare_.size() < kSpare)
            spare_.push_back(std::move(taken));
    }
    while (TimerNode* node = running_.popFront())
        node->fire();
}

void SimClock::arm(TimerNode& node) noexcept {
    node.rank = ++armed_;
    if (spare_.empty()) {
        waiting_.emplace(Key(node.due(), node.rank), &node);
        return;
    }
    auto place = std::move(spare_.back());
    spare_.pop_back();
    place.key() = Key(node.due(), node.rank);
    place.mapped() = &node;
    waiting_.insert(std::move(place));
}

void SimClock::disarm(TimerNode& node) noexcept {
    if (node.linked()) {
        node.unlink();
        return;
    }
    auto taken = waiting_.extract(Key(node.due(), node.rank));
    if (spare_.size() < kSpare)
        spare_.push_back(std::move(taken));
}

} // namespace twistdpp
