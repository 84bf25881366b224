#pragma once
#include "twistdpp/base/intrusive_list.h"
#include "twistdpp/base/time.h"
#include "twistdpp/base/unique_function.h"

#include <cstdint>
#include <memory>
#include <utility>

namespace twistdpp {

class TimerNode;

/// Runs timers: each reactor has one. Timers of one due time run in the order in which they were armed.
class TimerQueue {
public:
    virtual ~TimerQueue() = default;
    virtual TimePoint now() const noexcept = 0;

private:
    friend class TimerNode;
    virtual void arm(TimerNode& node) noexcept = 0;
    virtual void disarm(TimerNode& node) noexcept = 0;
};

/// One timer without an allocation of its own, for an object that carries it. Arming, moving and stopping it
/// is O(1). The callback runs on the reactor's thread and may destroy the node; what it throws ends the
/// process.
class TimerNode : public ListHook {
public:
    TimerNode(TimerQueue& queue, UniqueFunction<void()> callback) noexcept
        : queue_(&queue), callback_(std::move(callback)) {}
    ~TimerNode() {
        stop();
        if (gone_)
            *gone_ = true;
    }

    /// (Re-)arms it to run once, `after` from now; Duration::max() stands for never.
    void start(Duration after) noexcept {
        stop();
        const TimePoint now = queue_->now();
        due_ = after > kNever - now ? kNever : now + after;
        active_ = true;
        queue_->arm(*this);
    }
    void stop() noexcept {
        if (std::exchange(active_, false))
            queue_->disarm(*this);
    }
    bool active() const noexcept { return active_; }
    TimePoint due() const noexcept { return due_; }

    /// For the queue alone: the time has come and the node was taken out.
    void fire() {
        active_ = false;
        // What the callback has captured lives until it returns, although the node may not.
        UniqueFunction<void()> running = std::move(callback_);
        bool gone = false;
        gone_ = &gone;
        running();
        if (gone)
            return;
        gone_ = nullptr;
        callback_ = std::move(running);
    }
    /// For the queue alone, when it dies: lets go of the callback and of what it holds, perhaps of this node.
    void abandon() noexcept {
        active_ = false;
        const UniqueFunction<void()> dropped = std::move(callback_);
    }
    /// For the queue alone: where it keeps this node, and its rank among those of one time.
    std::uint64_t rank = 0;

private:
    // A century before the clock's end, so that queues can round it up.
    static constexpr TimePoint kNever = TimePoint::max() - std::chrono::hours(24 * 365 * 100);

    TimerQueue* queue_;
    TimePoint due_{};
    UniqueFunction<void()> callback_;
    bool* gone_ = nullptr; // set while the callback runs
    bool active_ = false;
};

/// What callLater gives: dropping it cancels the call. Twisted's IDelayedCall. It must not outlive its
/// reactor.
class [[nodiscard]] Timer {
public:
    Timer() noexcept = default;
    Timer(TimerQueue& queue, Duration after, UniqueFunction<void()> callback)
        : node_(std::make_unique<TimerNode>(queue, std::move(callback))) {
        node_->start(after);
    }
    /// Whether the call is still to come.
    bool active() const noexcept { return node_ && node_->active(); }
    void cancel() noexcept { node_.reset(); }
    /// Moves the call to `after` from now; also when it has run already.
    void reset(Duration after) noexcept {
        if (node_)
            node_->start(after);
    }
    /// When the call is due.
    TimePoint getTime() const noexcept { return node_ ? node_->due() : TimePoint{}; }

private:
    std::unique_ptr<TimerNode> node_;
};

} // namespace twistdpp
