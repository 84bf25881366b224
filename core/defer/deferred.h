#pragma once
#include "twistdpp/defer/errors.h"
#include "twistdpp/defer/state.h"

#include <coroutine>
#include <optional>
#include <utility>

namespace twistdpp {

template <class T>
class Deferred;
template <class T>
class Promise;

namespace detail {
template <class T>
class CoroutineState;
template <class T>
class CoroutinePromise;
template <class T, bool Throwing>
class Awaiter;
template <class T, class U, class Handler>
class ChainState;
template <class T, class F>
struct CallbackTraits;
template <class R>
struct Unwrap {
    using type = R;
};
template <class R>
struct Unwrap<Deferred<R>> {
    using type = R;
};
template <class R>
struct Unwrap<Outcome<R>> {
    using type = R;
};
template <class R>
using Unwrapped = typename Unwrap<std::decay_t<R>>::type;
} // namespace detail

/// The result of an operation that may not have ended yet: Twisted's Deferred with a type, and the result
/// type of every coroutine of the engine.
///
/// It has one consumer. Each addX() consumes the Deferred and returns the one of the next step:
///
///     getPage(url).addCallbacks(translate, unavailable).addCallback(display).addBoth(cleanup).detach();
///     Page page = co_await getPage(url);
///
/// Callbacks run at once, inside addX(), when the result is there, and otherwise inside the call that fires
/// the Promise, always on the thread that owns both. A callback may return a plain value, void, an Outcome or
/// another Deferred, which is then waited for; what it throws becomes the Failure of the next step. Dropping
/// a Deferred does not stop the operation; detach() says so openly. A Failure that nobody takes is logged
/// when its Deferred dies.
template <class T = void>
class [[nodiscard]] Deferred {
public:
    using ValueType = T;
    using promise_type = detail::CoroutinePromise<T>;

    /// A result that is there already; needs no memory.
    Deferred(detail::Stored<T> value) requires(!std::is_void_v<T>)
        : ready_(std::in_place_index<1>, std::move(value)) {}
    Deferred(Failure failure) : ready_(std::in_place_index<2>, std::move(failure)) {}
    Deferred(Outcome<T> outcome) { detail::fillSlot<T>(ready_, std::move(outcome)); }

    Deferred(Deferred&& other) noexcept : state_(std::move(other.state_)), ready_(std::move(other.ready_)) {
        other.ready_.template emplace<0>();
    }
    Deferred& operator=(Deferred&& other) noexcept {
        Deferred old(std::move(*this));
        state_ = std::move(other.state_);
        ready_ = std::move(other.ready_);
        other.ready_.template emplace<0>();
        return *this;
    }
    ~Deferred() {
        if (const Failure* failure = std::get_if<2>(&ready_))
            detail::reportUnhandled(*failure, failure->where());
    }

    /// Whether the result is there.
    bool called() const noexcept { return state_ ? state_->fired() : ready_.index() != 0; }
    /// Whether this is still a Deferred: false once it was consumed or moved from.
    bool valid() const noexcept { return state_ || ready_.index() != 0; }
    /// Asks for the operation to be given up; its consumer then gets a CancelledError, or whatever the
    /// producer fires instead. Nothing happens when the result is there.
    void cancel() noexcept {
        if (state_)
            detail::cancelState(state_.get());
    }
    /// Lets the operation go on without a consumer; an error in it is still logged.
    void detach() && noexcept { Deferred gone(std::move(*this)); }
    /// The result, taken out. Only when called().
    Outcome<T> take() && {
        if (state_) {
            const auto state = std::move(state_);
            return state->take();
        }
        return detail::takeSlot<T>(ready_);
    }

    /// `f(T)` runs on a value and gives the next value; a Failure passes by.
    template <class F>
    auto addCallback(F f) &&;
    /// `f(const Failure&)` runs on a Failure and gives a T in its place (or throws, or returns a Failure); a
    /// value passes by.
    template <class F>
    Deferred addErrback(F f) &&;
    /// `f(Outcome<T>)`, or `f()`, runs either way.
    template <class F>
    auto addBoth(F f) &&;
    /// `f(T)` on a value, `g(const Failure&)` on a Failure; `g` does not see what `f` throws.
    template <class F, class G>
    auto addCallbacks(F f, G g) &&;

    /// In a coroutine: gives the value, or throws what the Failure holds.
    auto operator co_await() && noexcept { return detail::Awaiter<T, true>(std::move(*this)); }
    /// In a coroutine: `co_await d.outcome()` gives the Outcome and never throws, for failures that are
    /// expected.
    auto outcome() && noexcept { return detail::Awaiter<T, false>(std::move(*this)); }

private:
    template <class>
    friend class Deferred;
    template <class>
    friend class Promise;
    template <class>
    friend class detail::CoroutineState;
    template <class, bool>
    friend class detail::Awaiter;
    template <class, class, class>
    friend class detail::ChainState;

    explicit Deferred(detail::StateRef<T> state) noexcept : state_(std::move(state)) {}

    /// Every addX() comes to this: `handler` takes an Outcome<T> and gives a Deferred<U>, ready or not.
    template <class U, class Handler>
    Deferred<U> then(Handler handler);

    detail::StateRef<T> state_;
    detail::Slot<T> ready_;
};

/// A Deferred that has its result already.
template <class T>
Deferred<std::decay_t<T>> succeed(T&& value) {
    return Deferred<std::decay_t<T>>(std::forward<T>(value));
}
inline Deferred<void> succeed() {
    return Deferred<void>(Outcome<void>());
}
template <class T = void>
Deferred<T> fail(Failure failure) {
    return Deferred<T>(std::move(failure));
}

} // namespace twistdpp

#include "twistdpp/defer/detail_chain.h"
#include "twistdpp/defer/detail_coroutine.h"
