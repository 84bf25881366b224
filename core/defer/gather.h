#pragma once
#include "twistdpp/defer/promise.h"

#include <cstddef>
#include <memory>
#include <vector>

namespace twistdpp {

namespace detail {

/// Several Deferreds that are joined in one. It lives until each of them has ended.
template <class Item, class Joined>
struct Join : std::enable_shared_from_this<Join<Item, Joined>> {
    std::vector<Deferred<void>> parts;
    std::optional<Promise<Joined>> promise;
    std::size_t pending = 0;
    bool cancelling = false;

    void cancelRest() noexcept {
        if (std::exchange(cancelling, true))
            return;
        const auto keep = this->shared_from_this();
        for (std::size_t i = 0; i < parts.size(); ++i)
            parts[i].cancel();
    }

    /// `take(index, outcome)` sees each part's end, in the order in which they end.
    template <class Take>
    Deferred<Joined> start(std::vector<Deferred<Item>> inputs, Take take) {
        const auto keep = this->shared_from_this();
        promise.emplace([this] { cancelRest(); });
        auto joined = promise->deferred();
        pending = inputs.size();
        parts.reserve(inputs.size());
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            parts.push_back(std::move(inputs[i]).addBoth([keep, take, i](Outcome<Item> outcome) mutable {
                --keep->pending;
                take(*keep, i, std::move(outcome));
            }));
            if (cancelling) // one that was ready has decided already
                parts.back().cancel();
        }
        return joined;
    }
};

} // namespace detail

/// All values, in the order of `inputs`. The first Failure is the result, and the rest are cancelled and
/// their errors dropped. Cancelling it cancels all.
template <class T>
requires(!std::is_void_v<T>) Deferred<std::vector<T>> gather(std::vector<Deferred<T>> inputs) {
    if (inputs.empty())
        return succeed(std::vector<T>());
    auto values = std::make_shared<std::vector<std::optional<T>>>(inputs.size());
    auto join = std::make_shared<detail::Join<T, std::vector<T>>>();
    return join->start(std::move(inputs), [values](auto& self, std::size_t i, Outcome<T> outcome) {
        if (!self.promise)
            return;
        if (!outcome.ok()) {
            auto promise = std::move(*self.promise);
            self.promise.reset();
            self.cancelRest();
            promise.errback(std::move(outcome).failure());
            return;
        }
        (*values)[i] = std::move(outcome).value();
        if (self.pending > 0)
            return;
        std::vector<T> all;
        all.reserve(values->size());
        for (auto& value : *values)
            all.push_back(std::move(*value));
        auto promise = std::move(*self.promise);
        self.promise.reset();
        promise.callback(std::move(all));
    });
}

/// As above, for operations that only end.
inline Deferred<void> gather(std::vector<Deferred<void>> inputs) {
    if (inputs.empty())
        return succeed();
    auto join = std::make_shared<detail::Join<void, void>>();
    return join->start(std::move(inputs), [](auto& self, std::size_t, Outcome<void> outcome) {
        if (!self.promise || (outcome.ok() && self.pending > 0))
            return;
        auto promise = std::move(*self.promise);
        self.promise.reset();
        if (!outcome.ok())
            self.cancelRest();
        promise.fireOutcome(std::move(outcome));
    });
}

/// Waits for all to end and gives every Outcome, in the order of `inputs`; never fails.
template <class T>
Deferred<std::vector<Outcome<T>>> settle(std::vector<Deferred<T>> inputs) {
    if (inputs.empty())
        return succeed(std::vector<Outcome<T>>());
    auto outcomes = std::make_shared<std::vector<std::optional<Outcome<T>>>>(inputs.size());
    auto join = std::make_shared<detail::Join<T, std::vector<Outcome<T>>>>();
    return join->start(std::move(inputs), [outcomes](auto& self, std::size_t i, Outcome<T> outcome) {
        (*outcomes)[i].emplace(std::move(outcome));
        if (!self.promise || self.pending > 0)
            return;
        std::vector<Outcome<T>> all;
        all.reserve(outcomes->size());
        for (auto& one : *outcomes)
            all.push_back(std::move(*one));
        auto promise = std::move(*self.promise);
        self.promise.reset();
        promise.callback(std::move(all));
    });
}

/// The first value; the others are cancelled. Fails with the last Failure when none has a value.
template <class T>
Deferred<T> race(std::vector<Deferred<T>> inputs) {
    assert(!inputs.empty());
    auto join = std::make_shared<detail::Join<T, T>>();
    return join->start(std::move(inputs), [](auto& self, std::size_t, Outcome<T> outcome) {
        if (!self.promise || (!outcome.ok() && self.pending > 0))
            return;
        auto promise = std::move(*self.promise);
        self.promise.reset();
        self.cancelRest();
        promise.fireOutcome(std::move(outcome));
    });
}

} // namespace twistdpp
