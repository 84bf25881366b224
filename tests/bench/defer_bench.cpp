// layers: defer
// What asynchronous results cost: ready and pending, as callbacks and as coroutines, with values and with
// failures.
#include "twistdpp/defer/deferred.h"
#include "twistdpp/defer/promise.h"

#include <benchmark/benchmark.h>

#include <stdexcept>

namespace {

using namespace twistdpp;

const int kValue = 41;

/// The result is there before anyone asks. Seen from its caller's side of a call, or the compiler would leave
/// all out.
[[gnu::noinline]] Deferred<int> ready() {
    return succeed(kValue);
}

[[gnu::noinline]] Deferred<int> readyInCoroutine() {
    co_return kValue;
}

void readyCallback(benchmark::State& state) {
    for (auto step : state) {
        static_cast<void>(step);
        int seen = 0;
        ready().addCallback([&seen](int value) { seen = value; }).detach();
        benchmark::DoNotOptimize(seen);
    }
}
BENCHMARK(readyCallback);

Deferred<long> awaitReady(std::size_t times) {
    long sum = 0;
    for (std::size_t i = 0; i < times; ++i)
        sum += co_await ready();
    co_return sum;
}

constexpr std::size_t kAwaits = 1000;

/// One co_await of a result that is there.
void readyAwait(benchmark::State& state) {
    for (auto step : state) {
        static_cast<void>(step);
        auto sum = awaitReady(kAwaits).take().value();
        benchmark::DoNotOptimize(sum);
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kAwaits));
}
BENCHMARK(readyAwait);

/// A coroutine that never suspends: made, run, its result taken.
void coroutineReadyAtOnce(benchmark::State& state) {
    for (auto step : state) {
        static_cast<void>(step);
        auto value = readyInCoroutine().take().value();
        benchmark::DoNotOptimize(value);
    }
}
BENCHMARK(coroutineReadyAtOnce);

/// A Promise with one callback, fired later.
void pendingFire(benchmark::State& state) {
    for (auto step : state) {
        static_cast<void>(step);
        int seen = 0;
        Promise<int> promise;
        promise.deferred().addCallback([&seen](int value) { seen = value; }).detach();
        promise.callback(kValue);
        benchmark::DoNotOptimize(seen);
    }
}
BENCHMARK(pendingFire);

/// A Promise with four callbacks, one behind the other.
void pendingChainOfFour(benchmark::State& state) {
    for (auto step : state) {
        static_cast<void>(step);
        int seen = 0;
        Promise<int> promise;
        promise.deferred()
            .addCallback([](int value) { return value + 1; })
            .addCallback([](int value) { return value + 1; })
            .addCallback([](int value) { return value + 1; })
            .addCallback([&seen](int value) { seen = value; })
            .detach();
        promise.callback(kValue);
        benchmark::DoNotOptimize(seen);
    }
}
BENCHMARK(pendingChainOfFour);

Deferred<void> awaitOnce(Deferred<int> pending, int& seen) {
    seen = co_await std::move(pending);
}

/// A coroutine that is made, suspends once and is resumed to its end.
void coroutineSuspendedOnce(benchmark::State& state) {
    for (auto step : state) {
        static_cast<void>(step);
        int seen = 0;
        Promise<int> promise;
        awaitOnce(promise.deferred(), seen).detach();
        promise.callback(kValue);
        benchmark::DoNotOptimize(seen);
    }
}
BENCHMARK(coroutineSuspendedOnce);

/// Where a reading coroutine waits: each read makes a Promise, as Stream does.
struct Source {
    Deferred<int> read() {
        promise = Promise<int>();
        return promise.deferred();
    }
    void give(int value) {
        Promise<int> taken = std::move(promise);
        taken.callback(value);
    }
    Promise<int> promise;
};

Deferred<void> readUntilNegative(Source& source, long& sum) {
    for (;;) {
        const int value = co_await source.read();
        if (value < 0)
            co_return;
        sum += value;
    }
}

/// A loop that is asleep in a read: woken with a value, asleep again.
void coroutineReadLoop(benchmark::State& state) {
    Source source;
    long sum = 0;
    auto reader = readUntilNegative(source, sum);
    for (auto step : state) {
        static_cast<void>(step);
        source.give(kValue);
    }
    source.give(-1);
    std::move(reader).detach();
    benchmark::DoNotOptimize(sum);
}
BENCHMARK(coroutineReadLoop);

/// A Failure that an errback takes: nothing is thrown.
void failureToErrback(benchmark::State& state) {
    for (auto step : state) {
        static_cast<void>(step);
        int seen = 0;
        fail<int>(Failure(std::runtime_error("refused")))
            .addErrback([&seen](const Failure& failure) {
                seen = failure.check<std::runtime_error>() ? 1 : 2;
                return seen;
            })
            .detach();
        benchmark::DoNotOptimize(seen);
    }
}
BENCHMARK(failureToErrback);

Deferred<int> outcomeOfFailure() {
    auto outcome = co_await fail<int>(Failure(std::runtime_error("refused"))).outcome();
    co_return outcome.ok() ? 0 : 1;
}

/// The same in a coroutine that asks for the Outcome.
void failureToOutcome(benchmark::State& state) {
    for (auto step : state) {
        static_cast<void>(step);
        auto seen = outcomeOfFailure().take().value();
        benchmark::DoNotOptimize(seen);
    }
}
BENCHMARK(failureToOutcome);

Deferred<int> catchFailure() {
    try {
        co_return co_await fail<int>(Failure(std::runtime_error("refused")));
    } catch (const std::runtime_error&) {
        co_return 1;
    }
}

/// The same as an exception: what an expected failure must not cost.
void failureThrown(benchmark::State& state) {
    for (auto step : state) {
        static_cast<void>(step);
        auto seen = catchFailure().take().value();
        benchmark::DoNotOptimize(seen);
    }
}
BENCHMARK(failureThrown);

} // namespace

BENCHMARK_MAIN();
