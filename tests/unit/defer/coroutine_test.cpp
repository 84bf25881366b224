#include "support/results.h"
#include "twistdpp/defer/promise.h"

#include <gtest/gtest.h>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace twistdpp {

namespace {

struct Broken : std::runtime_error {
    Broken() : std::runtime_error("broken") {}
};

Deferred<int> twice(Deferred<int> input) {
    co_return 2 * co_await std::move(input);
}

Deferred<void> note(Deferred<void> input, std::vector<std::string>& log) {
    log.push_back("begin");
    co_await std::move(input);
    log.push_back("end");
}

Deferred<int> throws(Deferred<int> input) {
    co_await std::move(input);
    throw Broken();
}

Deferred<std::string> catches(Deferred<int> input) {
    try {
        co_return std::to_string(co_await std::move(input));
    } catch (const Broken&) {
        co_return "caught";
    }
}

Deferred<std::string> asksForTheOutcome(Deferred<int> input) {
    auto outcome = co_await std::move(input).outcome();
    co_return outcome.ok() ? "value" : outcome.failure().message();
}

Deferred<int> returnsAFailure() {
    co_return Failure(Broken());
}

Deferred<int> returnsAnOutcome(Outcome<int> outcome) {
    co_return outcome;
}

Deferred<std::unique_ptr<int>> passesOn(Deferred<std::unique_ptr<int>> input) {
    auto value = co_await std::move(input);
    ++*value;
    co_return value;
}

Deferred<int> sums(std::vector<Deferred<int>> inputs) {
    int sum = 0;
    for (auto& input : inputs)
        sum += co_await std::move(input);
    co_return sum;
}

struct Trace {
    explicit Trace(std::string& log) : log_(log) {}
    ~Trace() { log_ += "destroyed;"; }
    std::string& log_;
};

Deferred<void> holds(Deferred<void> input, std::string& log) {
    const Trace trace(log);
    co_await std::move(input);
    log += "resumed;";
}

Deferred<int> cancelsItself(Deferred<int>*& self, Deferred<void> first, Deferred<int> second) {
    co_await std::move(first);
    self->cancel(); // it is running: the next wait ends at once
    co_return co_await std::move(second);
}

Deferred<int> survivesACancel(Deferred<int> first, Deferred<int> second) {
    const auto outcome = co_await std::move(first).outcome();
    co_return (outcome.ok() ? 0 : 100) + co_await std::move(second);
}

} // namespace

TEST(Coroutine, StartsAtOnceAndIsReadyWhenItNeverWaits) {
    EXPECT_EQ(successResultOf(twice(succeed(4))), 8);
}

TEST(Coroutine, WaitsAndGoesOnInsideTheCallThatFires) {
    std::vector<std::string> log;
    Promise<void> promise;
    auto result = note(promise.deferred(), log);
    EXPECT_EQ(log, std::vector<std::string>{"begin"});
    EXPECT_FALSE(result.called());
    promise.callback();
    EXPECT_EQ(log, (std::vector<std::string>{"begin", "end"}));
    EXPECT_TRUE(result.called());
}

TEST(Coroutine, TakesCallbacksAsEveryDeferred) {
    Promise<int> promise;
    auto result = twice(promise.deferred()).addCallback([](int x) { return x + 1; });
    promise.callback(5);
    EXPECT_EQ(successResultOf(std::move(result)), 11);
}

TEST(Coroutine, WhatItThrowsIsItsFailure) {
    failureResultOf<Broken>(throws(succeed(1)));
    Promise<int> promise;
    auto result = throws(promise.deferred());
    promise.callback(1);
    failureResultOf<Broken>(std::move(result));
}

TEST(Coroutine, AwaitThrowsTheFailure) {
    EXPECT_EQ(successResultOf(catches(fail<int>(Broken()))), "caught");
    EXPECT_EQ(successResultOf(catches(throws(succeed(1)))), "caught");
    EXPECT_EQ(successResultOf(catches(succeed(3))), "3");
}

TEST(Coroutine, OutcomeDoesNotThrow) {
    EXPECT_EQ(successResultOf(asksForTheOutcome(fail<int>(Broken()))), "broken");
    Promise<int> promise;
    auto result = asksForTheOutcome(promise.deferred());
    promise.callback(1);
    EXPECT_EQ(successResultOf(std::move(result)), "value");
}

TEST(Coroutine, CoReturnTakesAFailureOrAnOutcome) {
    failureResultOf<Broken>(returnsAFailure());
    EXPECT_EQ(successResultOf(returnsAnOutcome(Outcome<int>(6))), 6);
    failureResultOf<Broken>(returnsAnOutcome(Outcome<int>(Failure(Broken()))));
}

TEST(Coroutine, CarriesWhatCanOnlyBeMoved) {
    Promise<std::unique_ptr<int>> promise;
    auto result = passesOn(promise.deferred());
    promise.callback(std::make_unique<int>(1));
    EXPECT_EQ(*successResultOf(std::move(result)), 2);
}

TEST(Coroutine, WaitsForOneAfterTheOtherWhateverTheOrderInWhichTheyFire) {
    std::vector<Promise<int>> promises(3);
    std::vector<Deferred<int>> inputs;
    for (auto& promise : promises)
        inputs.push_back(promise.deferred());
    auto result = sums(std::move(inputs));
    promises[2].callback(100);
    promises[0].callback(1);
    EXPECT_FALSE(result.called());
    promises[1].callback(10);
    EXPECT_EQ(successResultOf(std::move(result)), 111);
}

TEST(Coroutine, ADroppedDeferredLetsItRunToItsEnd) {
    std::string log;
    Promise<void> promise;
    holds(promise.deferred(), log).detach();
    EXPECT_EQ(log, "");
    promise.callback();
    EXPECT_EQ(log, "resumed;destroyed;");
}

TEST(Coroutine, ADroppedPromiseEndsItSoThatNoFrameStays) {
    std::string log;
    const std::size_t before = liveStates();
    auto result = [&] {
        Promise<void> promise;
        return holds(promise.deferred(), log);
    }();
    EXPECT_EQ(log, "destroyed;");
    failureResultOf<AbandonedError>(std::move(result));
    EXPECT_EQ(liveStates(), before);
}

TEST(Coroutine, CancelSurfacesAtItsAwait) {
    bool stopped = false;
    Promise<int> promise([&] { stopped = true; });
    auto result = twice(promise.deferred());
    result.cancel();
    EXPECT_TRUE(stopped);
    failureResultOf<CancelledError>(std::move(result));
}

TEST(Coroutine, CancelGoesThroughNestedOnesToTheRoot) {
    bool stopped = false;
    Promise<int> promise([&] { stopped = true; });
    auto result = twice(twice(twice(promise.deferred())));
    result.cancel();
    EXPECT_TRUE(stopped);
    failureResultOf<CancelledError>(std::move(result));
}

TEST(Coroutine, MayOutliveACancel) {
    Promise<int> first;
    Promise<int> second;
    auto result = survivesACancel(first.deferred(), second.deferred());
    result.cancel();
    EXPECT_FALSE(result.called());
    second.callback(1);
    EXPECT_EQ(successResultOf(std::move(result)), 101);
}

TEST(Coroutine, CancelledWhileItRunsEndsAtItsNextWait) {
    Promise<void> first;
    bool stopped = false;
    Promise<int> second([&] { stopped = true; });
    Deferred<int>* self = nullptr;
    auto result = cancelsItself(self, first.deferred(), second.deferred());
    self = &result;
    first.callback();
    EXPECT_TRUE(stopped);
    failureResultOf<CancelledError>(std::move(result));
}

TEST(Coroutine, LeavesNoStateBehind) {
    const std::size_t before = liveStates();
    {
        Promise<int> promise;
        auto result = twice(twice(promise.deferred()));
        EXPECT_GT(liveStates(), before);
        promise.callback(1);
        EXPECT_EQ(successResultOf(std::move(result)), 4);
    }
    EXPECT_EQ(liveStates(), before);
}

} // namespace twistdpp
