#pragma once
#include "twistdpp/defer/promise.h"
#include "twistdpp/reactor/reactor.h"

#include <memory>
#include <optional>

namespace twistdpp {

/// Fires `after` from now; cancelling takes the timer back. Twisted's deferLater without a function.
Deferred<void> sleep(Reactor& reactor, Duration after);

/// The result of `operation`, or a TimeoutError when it takes longer than `limit`; it is cancelled then.
/// Cancelling reaches the operation.
template <class T>
Deferred<T> withTimeout(Reactor& reactor, Duration limit, Deferred<T> operation) {
    if (operation.called())
        return operation;
    struct Race {
        std::optional<Deferred<void>> running;
        Timer timer;
        bool timedOut = false;
    };
    auto race = std::make_shared<Race>();
    auto promise = std::make_shared<Promise<T>>([race] {
        race->timer.cancel();
        if (race->running)
            race->running->cancel();
    });
    auto result = promise->deferred();
    race->timer = reactor.callLater(limit, [race = race.get()] {
        race->timedOut = true;
        if (race->running)
            race->running->cancel();
    });
    race->running.emplace(std::move(operation).addBoth([race, promise](Outcome<T> outcome) {
        race->timer.cancel();
        Promise<T> last = std::move(*promise);
        if (race->timedOut && !outcome.ok())
            last.errback(TimeoutError());
        else if (!last.called())
            last.fireOutcome(std::move(outcome));
    }));
    return result;
}

/// Runs `f` on a thread of the pool and gives its value on the reactor's thread: Twisted's deferToThread.
template <class F>
auto deferToThread(Reactor& reactor, Pool pool, F f) {
    using R = std::invoke_result_t<F&>;
    if constexpr (std::is_void_v<R>) {
        return reactor.runInThread(pool, std::move(f));
    } else {
        auto value = std::make_shared<std::optional<R>>();
        return reactor.runInThread(
                          pool, [value, f = std::move(f)]() mutable { value->emplace(f()); }
        ).addCallback([value] { return std::move(**value); });
    }
}

} // namespace twistdpp
