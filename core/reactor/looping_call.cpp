#include "twistdpp/reactor/looping_call.h"

#include "twistdpp/defer/promise.h"
#include "twistdpp/reactor/reactor.h"
#include "twistdpp/reactor/timer.h"

#include <cassert>
#include <optional>

namespace twistdpp {

struct LoopingCall::Loop : std::enable_shared_from_this<LoopingCall::Loop> {
    Loop(Reactor& r, Function f)
        : reactor(r), function(std::move(f)), timer(r.timers(), [this] { shared_from_this()->call(); }) {}

    void call() {
        busy = true;
        // Through a callback, so that what the function throws is a Failure as any other.
        succeed().addCallback([this] { return function(); }
        ).addBoth([keep = shared_from_this()](Outcome<void> outcome) {
             keep->ended(std::move(outcome));
         }).detach();
    }

    void ended(Outcome<void> outcome) {
        busy = false;
        if (!promise)
            return; // cancelled or destroyed meanwhile: nobody asks for the outcome
        if (!outcome.ok() || stopping)
            end(std::move(outcome));
        else
            schedule();
    }

    void schedule() {
        if (interval <= Duration(0))
            return timer.start(Duration(0));
        const Duration passed = reactor.now() - begin;
        timer.start(interval - passed % interval);
    }

    void end(Outcome<void> outcome) {
        timer.stop();
        Promise<void> last = std::move(*promise);
        promise.reset();
        last.fireOutcome(std::move(outcome));
    }

    Reactor& reactor;
    Function function;
    TimerNode timer;
    Duration interval{};
    TimePoint begin{};
    std::optional<Promise<void>> promise; // while it runs
    bool busy = false;
    bool stopping = false;
};

LoopingCall::LoopingCall(Reactor& reactor, Function f, int)
    : loop_(std::make_shared<Loop>(reactor, std::move(f))) {}

LoopingCall::~LoopingCall() {
    if (loop_->promise)
        loop_->end(Outcome<void>());
}

Deferred<void> LoopingCall::start(Duration interval, bool now) {
    assert(!running());
    const auto loop = loop_; // the first call may destroy this
    loop->interval = interval;
    loop->begin = loop->reactor.now();
    loop->stopping = false;
    loop->promise.emplace([at = loop.get()] {
        at->timer.stop();
        at->promise.reset();
    });
    auto result = loop->promise->deferred();
    if (loop->busy)
        return result; // a call of before is still going on; its end brings the next one
    if (now)
        loop->call();
    else
        loop->schedule();
    return result;
}

void LoopingCall::stop() {
    if (!running())
        return;
    loop_->stopping = true;
    loop_->timer.stop();
    if (!loop_->busy)
        loop_->end(Outcome<void>());
}

void LoopingCall::reset() {
    if (!running())
        return;
    loop_->begin = loop_->reactor.now();
    if (loop_->timer.active())
        loop_->schedule();
}

bool LoopingCall::running() const noexcept {
    return loop_->promise.has_value();
}

} // namespace twistdpp
