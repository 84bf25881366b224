#pragma once
// The third part of deferred.h: a coroutine's frame is the state of the Deferred that it returns.
#include "twistdpp/defer/deferred.h"

namespace twistdpp::detail {

/// What a coroutine that has ended leaves for the step that resumed it to run next: the tail call of a
/// resumption, done as a return because g++ 12 does not do it as a jump in every build mode.
inline constinit thread_local Link* afterResume = nullptr;

/// What an Awaiter needs to know of the coroutine that waits.
class CoroutineBase {
public:
    StateBase* awaiting = nullptr;
    bool cancelRequested = false;
};

template <class T>
class CoroutineState : public State<T>, public CoroutineBase {
    struct Final {
        bool await_ready() const noexcept { return false; }
        void await_suspend(std::coroutine_handle<CoroutinePromise<T>> handle) const noexcept {
            CoroutineState& state = handle.promise();
            Link* consumer = state.finish();
            state.release(); // the frame may be gone from here on
            afterResume = consumer;
        }
        void await_resume() const noexcept {}
    };

public:
    Deferred<T> get_return_object() noexcept { return Deferred<T>(StateRef<T>::share(this)); }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    Final final_suspend() const noexcept { return {}; }
    void unhandled_exception() noexcept { this->slot_.template emplace<2>(Failure::current(this->made_)); }

    StateBase* cancelStep() noexcept override {
        if (!awaiting)
            cancelRequested = true; // it runs at this moment: its next wait ends at once
        return awaiting;
    }

protected:
    explicit CoroutineState(SourceLocation made) noexcept : State<T>(made) {}

private:
    void destroy() noexcept override {
        std::coroutine_handle<CoroutinePromise<T>>::from_promise(static_cast<CoroutinePromise<T>&>(*this))
            .destroy();
    }
};

template <class T>
class CoroutinePromise final : public CoroutineState<T> {
public:
    explicit CoroutinePromise(SourceLocation made = SourceLocation::current()) noexcept
        : CoroutineState<T>(made) {}
    template <class U>
    requires(std::is_constructible_v<T, U> && !std::is_same_v<std::decay_t<U>, Failure>) void return_value(
        U&& value
    ) {
        this->slot_.template emplace<1>(std::forward<U>(value));
    }
    /// `co_return Failure(...)` fails without the cost of a throw.
    void return_value(Failure failure) { this->slot_.template emplace<2>(std::move(failure)); }
    void return_value(Outcome<T> outcome) { fillSlot<T>(this->slot_, std::move(outcome)); }
};

template <>
class CoroutinePromise<void> final : public CoroutineState<void> {
public:
    explicit CoroutinePromise(SourceLocation made = SourceLocation::current()) noexcept
        : CoroutineState<void>(made) {}
    void return_void() { this->slot_.emplace<1>(); }
};

/// Waits for one Deferred. It lives in the frame of the coroutine that waits, so that waiting allocates
/// nothing.
template <class T, bool Throwing>
class Awaiter final : public Link {
public:
    explicit Awaiter(Deferred<T>&& deferred) noexcept : deferred_(std::move(deferred)) {}

    bool await_ready() const noexcept { return deferred_.called(); }

    template <class U>
    void await_suspend(std::coroutine_handle<CoroutinePromise<U>> handle) noexcept {
        handle_ = handle;
        coroutine_ = &handle.promise();
        StateBase* state = deferred_.state_.get();
        coroutine_->awaiting = state;
        state->attach(*this);
        if (std::exchange(coroutine_->cancelRequested, false))
            cancelState(state); // may resume and so end this awaiter
    }

    auto await_resume() {
        if constexpr (Throwing)
            return std::move(deferred_).take().get();
        else
            return std::move(deferred_).take();
    }

    Link* run() noexcept override {
        coroutine_->awaiting = nullptr;
        handle_.resume();
        return std::exchange(afterResume, nullptr);
    }

private:
    Deferred<T> deferred_;
    std::coroutine_handle<> handle_;
    CoroutineBase* coroutine_ = nullptr;
};

} // namespace twistdpp::detail
