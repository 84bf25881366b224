#pragma once
#include "twistdpp/defer/diagnostics.h"
#include "twistdpp/defer/outcome.h"

#include <cstdint>
#include <utility>
#include <variant>

/// What stands between a producer (Promise, coroutine, callback) and the consumer of its result. Users of
/// Deferred need nothing of this file. Everything belongs to one thread.
namespace twistdpp::detail {

/// One step that waits for a result. run() takes the result and returns the step that waits for its own, so
/// that a chain of any length is a loop and not a recursion.
class Link {
public:
    virtual Link* run() noexcept = 0;
    /// The next one in the row of those put off; for runLinks().
    Link* queued = nullptr;

protected:
    Link() noexcept = default;
    ~Link() = default;
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;
};

/// Runs `first` and all that follows from it. Firing from inside a callback nests up to a fixed depth; past
/// it the step waits until the outer ones have returned, so that no pattern of firing overflows the stack.
void runLinks(Link* first) noexcept;

class StateBase {
public:
    StateBase(const StateBase&) = delete;
    StateBase& operator=(const StateBase&) = delete;

    void retain() noexcept { ++references_; }
    void release() noexcept {
        if (--references_ == 0)
            destroy();
    }
    bool fired() const noexcept { return fired_; }
    /// One step of cancelling: asks the producer to give up, or names the state that must be asked in its
    /// place. Only for cancelState().
    [[nodiscard]] virtual StateBase* cancelStep() noexcept = 0;

    /// Registers the one consumer of a state that has not fired.
    void attach(Link& consumer) noexcept { consumer_ = &consumer; }
    void detachConsumer() noexcept { consumer_ = nullptr; }
    /// Marks the result as there and gives the step that waits for it.
    [[nodiscard]] Link* finish() noexcept {
        fired_ = true;
        return std::exchange(consumer_, nullptr);
    }

    const SourceLocation& made() const noexcept { return made_; }

protected:
    explicit StateBase(SourceLocation made) noexcept : made_(made) { ++liveStateCount; }
    virtual ~StateBase() { --liveStateCount; }
    virtual void destroy() noexcept { delete this; }

    SourceLocation made_;

private:
    Link* consumer_ = nullptr;
    std::uint32_t references_ = 1; // the producer's
    bool fired_ = false;
};

/// Asks the producer at the root of `state` to give up; nothing happens once there is a result. A loop, so
/// that a chain of any length can be cancelled.
void cancelState(StateBase* state) noexcept;

/// Index 0 while there is no result or after it was taken.
template <class T>
using Slot = std::variant<std::monostate, Stored<T>, Failure>;

template <class T>
Outcome<T> takeSlot(Slot<T>& slot) {
    if (slot.index() == 2) {
        Failure failure = std::move(*std::get_if<2>(&slot));
        slot.template emplace<0>();
        return failure;
    }
    assert(slot.index() == 1);
    Stored<T> value = std::move(*std::get_if<1>(&slot));
    slot.template emplace<0>();
    return Outcome<T>(std::move(value));
}

template <class T>
void fillSlot(Slot<T>& slot, Outcome<T>&& outcome) {
    if (outcome.ok())
        slot.template emplace<1>(std::move(outcome).value());
    else
        slot.template emplace<2>(std::move(outcome).failure());
}

template <class T>
class State : public StateBase {
public:
    Outcome<T> take() { return takeSlot<T>(slot_); }

protected:
    explicit State(SourceLocation made) noexcept : StateBase(made) {}
    ~State() override {
        if (const Failure* failure = std::get_if<2>(&slot_))
            reportUnhandled(*failure, made_);
    }
    Slot<T> slot_;
};

/// A counted reference to a State.
template <class T>
class StateRef {
public:
    StateRef() noexcept = default;
    /// Takes over a reference that was counted already.
    static StateRef adopt(State<T>* state) noexcept { return StateRef(state); }
    static StateRef share(State<T>* state) noexcept {
        state->retain();
        return StateRef(state);
    }
    StateRef(StateRef&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
    StateRef& operator=(StateRef&& other) noexcept {
        std::swap(state_, other.state_);
        return *this;
    }
    StateRef(const StateRef&) = delete;
    StateRef& operator=(const StateRef&) = delete;
    ~StateRef() { reset(); }

    void reset() noexcept {
        if (State<T>* state = std::exchange(state_, nullptr))
            state->release();
    }
    State<T>* get() const noexcept { return state_; }
    State<T>* operator->() const noexcept { return state_; }
    explicit operator bool() const noexcept { return state_ != nullptr; }

private:
    explicit StateRef(State<T>* state) noexcept : state_(state) {}
    State<T>* state_ = nullptr;
};

} // namespace twistdpp::detail
