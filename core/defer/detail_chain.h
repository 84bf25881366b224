#pragma once
// The second half of deferred.h: what addCallback and its like are made of.
#include "twistdpp/defer/deferred.h"

namespace twistdpp {

namespace detail {

/// A callback that waits, and the state of the Deferred that it will fire, in one allocation.
template <class T, class U, class Handler>
class ChainState final : public State<U>, public Link {
public:
    ChainState(StateRef<T> source, Handler handler)
        : State<U>(source->made()), source_(std::move(source)), handler_(std::move(handler)) {
        source_->attach(*this);
    }

    Link* run() noexcept override {
        if (inner_) {
            fillSlot<U>(this->slot_, inner_->take());
            inner_.reset();
        } else {
            Deferred<U> next = (*handler_)(source_->take());
            source_.reset();
            handler_.reset();
            if (!next.called()) {
                inner_ = std::move(next.state_);
                inner_->attach(*this);
                return nullptr;
            }
            fillSlot<U>(this->slot_, std::move(next).take());
        }
        Link* consumer = this->finish();
        this->release();
        return consumer;
    }

    StateBase* cancelStep() noexcept override {
        return inner_ ? static_cast<StateBase*>(inner_.get()) : source_.get();
    }

private:
    StateRef<T> source_;
    StateRef<U> inner_;
    std::optional<Handler> handler_;
};

/// Calls `f(args...)` and makes whatever it returns or throws a Deferred<U>.
template <class U, class F, class... Args>
Deferred<U> invoke(F& f, Args&&... args) noexcept {
    using R = std::invoke_result_t<F&, Args...>;
    try {
        if constexpr (std::is_void_v<R>) {
            f(std::forward<Args>(args)...);
            return Deferred<U>(Outcome<U>());
        } else {
            return Deferred<U>(f(std::forward<Args>(args)...));
        }
    } catch (...) {
        return Deferred<U>(Failure::current());
    }
}

template <class T, class F>
struct OnValue {
    using type = std::invoke_result_t<F&, T>;
};
template <class F>
struct OnValue<void, F> {
    using type = std::invoke_result_t<F&>;
};

template <class U, class T, class F>
Deferred<U> invokeOnValue(F& f, Outcome<T>&& outcome) noexcept {
    if constexpr (std::is_void_v<T>)
        return invoke<U>(f);
    else
        return invoke<U>(f, std::move(outcome).value());
}

} // namespace detail

template <class T>
template <class U, class Handler>
Deferred<U> Deferred<T>::then(Handler handler) {
    assert(valid());
    if (called())
        return handler(std::move(*this).take());
    auto* chain = new detail::ChainState<T, U, Handler>(std::move(state_), std::move(handler));
    return Deferred<U>(detail::StateRef<U>::share(chain));
}

template <class T>
template <class F>
auto Deferred<T>::addCallback(F f) && {
    using U = detail::Unwrapped<typename detail::OnValue<T, F>::type>;
    return then<U>([f = std::move(f)](Outcome<T>&& outcome) mutable noexcept -> Deferred<U> {
        if (!outcome.ok())
            return Deferred<U>(std::move(outcome).failure());
        return detail::invokeOnValue<U>(f, std::move(outcome));
    });
}

template <class T>
template <class F>
Deferred<T> Deferred<T>::addErrback(F f) && {
    return then<T>([f = std::move(f)](Outcome<T>&& outcome) mutable noexcept -> Deferred<T> {
        if (outcome.ok())
            return Deferred<T>(std::move(outcome));
        return detail::invoke<T>(f, static_cast<const Failure&>(outcome.failure()));
    });
}

template <class T>
template <class F>
auto Deferred<T>::addBoth(F f) && {
    if constexpr (std::is_invocable_v<F&, Outcome<T>>) {
        using U = detail::Unwrapped<std::invoke_result_t<F&, Outcome<T>>>;
        return then<U>([f = std::move(f)](Outcome<T>&& outcome) mutable noexcept -> Deferred<U> {
            return detail::invoke<U>(f, std::move(outcome));
        });
    } else {
        using U = detail::Unwrapped<std::invoke_result_t<F&>>;
        return then<U>([f = std::move(f)](Outcome<T>&&) mutable noexcept -> Deferred<U> {
            return detail::invoke<U>(f);
        });
    }
}

template <class T>
template <class F, class G>
auto Deferred<T>::addCallbacks(F f, G g) && {
    using U = detail::Unwrapped<typename detail::OnValue<T, F>::type>;
    return then<U>(
        [f = std::move(f), g = std::move(g)](Outcome<T>&& outcome) mutable noexcept -> Deferred<U> {
            if (outcome.ok())
                return detail::invokeOnValue<U>(f, std::move(outcome));
            return detail::invoke<U>(g, static_cast<const Failure&>(outcome.failure()));
        }
    );
}

} // namespace twistdpp
