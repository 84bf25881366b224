#pragma once
#include "twistdpp/base/time.h"
#include "twistdpp/base/unique_function.h"
#include "twistdpp/defer/deferred.h"

#include <memory>
#include <type_traits>
#include <utility>

namespace twistdpp {

class Reactor;

/// Calls a function again and again: Twisted's LoopingCall. Calls are due at whole intervals after start(),
/// so that they do not drift. No call begins before the one before has ended, with its Deferred if it
/// returned one; what was due meanwhile, or while the loop was busy, is left out. Belongs to the reactor's
/// thread.
class LoopingCall {
public:
    /// `f()` returns nothing or a Deferred<void>. It may stop or destroy the LoopingCall.
    template <class F>
    LoopingCall(Reactor& reactor, F f) : LoopingCall(reactor, Function(wrap(std::move(f))), 0) {}
    /// Ends the calls, as stop() does; does not wait for the one in progress.
    ~LoopingCall();
    LoopingCall(const LoopingCall&) = delete;
    LoopingCall& operator=(const LoopingCall&) = delete;

    /// Begins; `now`: with a call at once, else one interval later. An interval of zero means once a turn of
    /// the loop. Only when not running(). The result: success after stop(), or the error that the function
    /// threw or its Deferred failed with, which ends the calls. Cancelling it ends them too.
    Deferred<void> start(Duration interval, bool now = true);
    /// Ends the calls; start()'s Deferred fires at once, or when the call in progress has ended.
    void stop();
    /// Counts the intervals from now on: the next call is due after a whole one.
    void reset();
    /// From start() until its Deferred has fired.
    bool running() const noexcept;

private:
    using Function = UniqueFunction<Deferred<void>()>;
    struct Loop;

    LoopingCall(Reactor& reactor, Function f, int);

    template <class F>
    static auto wrap(F f) {
        return [f = std::move(f)]() mutable -> Deferred<void> {
            if constexpr (std::is_void_v<std::invoke_result_t<F&>>) {
                f();
                return succeed();
            } else {
                return f();
            }
        };
    }

    std::shared_ptr<Loop> loop_; // outlives this for who is in a call of it
};

} // namespace twistdpp
