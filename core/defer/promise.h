#pragma once
#include "twistdpp/base/unique_function.h"
#include "twistdpp/defer/deferred.h"

namespace twistdpp {

/// The producer's end of a Deferred: whoever holds it may fire the result, once. Move it out of your own
/// members before you fire it, and fire last: callbacks run inside the call and may destroy you. A Promise
/// that dies unfired fires an AbandonedError, so that nobody waits for ever.
template <class T = void>
class Promise {
public:
    /// `canceller` runs when the consumer cancels; it should stop the work. It may fire this Promise itself;
    /// if it does not, a CancelledError is fired, and one late result is ignored.
    explicit Promise(UniqueFunction<void()> canceller = {}, SourceLocation made = SourceLocation::current())
        : state_(detail::StateRef<T>::adopt(new Origin(std::move(canceller), made))) {}
    Promise(Promise&&) noexcept = default;
    Promise& operator=(Promise&& other) noexcept {
        Promise old(std::move(*this));
        state_ = std::move(other.state_);
        return *this;
    }
    ~Promise() {
        if (state_ && !state_->fired() && origin().handedOut && !origin().cancelling)
            fire(Outcome<T>(Failure(AbandonedError(), state_->made())));
    }

    /// The consumer's end; once only.
    Deferred<T> deferred() {
        assert(!origin().handedOut);
        origin().handedOut = true;
        return Deferred<T>(detail::StateRef<T>::share(state_.get()));
    }

    /// Fires the value; runs the callbacks. Throws AlreadyCalledError when fired before.
    template <class U = T>
    requires(!std::is_void_v<T>) void callback(U&& value) {
        fireOnce(Outcome<T>(detail::Stored<T>(std::forward<U>(value))));
    }
    void callback() requires std::is_void_v<T> { fireOnce(Outcome<T>()); }
    void errback(Failure failure) { fireOnce(Outcome<T>(std::move(failure))); }
    void fireOutcome(Outcome<T> outcome) { fireOnce(std::move(outcome)); }

    /// Whether it was fired or cancelled.
    bool called() const noexcept { return !state_ || state_->fired(); }
    explicit operator bool() const noexcept { return static_cast<bool>(state_); }

private:
    struct Origin final : detail::State<T> {
        Origin(UniqueFunction<void()> c, SourceLocation made)
            : detail::State<T>(made), canceller(std::move(c)) {}
        detail::StateBase* cancelStep() noexcept override {
            cancelling = true; // a canceller that drops its Promise has not abandoned it
            if (UniqueFunction<void()> stop = std::move(canceller))
                stop();
            if (!this->fired()) {
                ignoreLate = true;
                detail::runLinks(store(Outcome<T>(Failure(CancelledError(), this->made_))));
            }
            return nullptr;
        }
        detail::Link* store(Outcome<T>&& outcome) {
            canceller.reset();
            detail::fillSlot<T>(this->slot_, std::move(outcome));
            return this->finish();
        }
        UniqueFunction<void()> canceller;
        bool handedOut = false;
        bool cancelling = false;
        bool ignoreLate = false;
    };

    Origin& origin() const noexcept { return static_cast<Origin&>(*state_.get()); }
    void fireOnce(Outcome<T>&& outcome) {
        if (!state_ || (state_->fired() && !origin().ignoreLate))
            throw AlreadyCalledError();
        if (state_->fired()) {
            origin().ignoreLate = false;
            return;
        }
        fire(std::move(outcome));
    }
    void fire(Outcome<T>&& outcome) {
        // The callbacks may destroy this Promise; the state outlives them here.
        const auto keep = detail::StateRef<T>::share(state_.get());
        detail::runLinks(static_cast<Origin&>(*keep.get()).store(std::move(outcome)));
    }

    detail::StateRef<T> state_;
};

} // namespace twistdpp
