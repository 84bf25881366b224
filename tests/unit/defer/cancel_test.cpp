// Cancelling: how the wish gets to the producer, and what the consumer gets.
#include "support/results.h"
#include "twistdpp/defer/promise.h"

#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <stdexcept>

namespace twistdpp {

TEST(Cancel, WithoutACancellerFiresACancelledError) {
    Promise<int> promise;
    auto deferred = promise.deferred();
    deferred.cancel();
    EXPECT_TRUE(promise.called());
    failureResultOf<CancelledError>(std::move(deferred));
}

TEST(Cancel, RunsTheCancellerOfTheRootThroughAllCallbacks) {
    bool stopped = false;
    Promise<int> promise([&] { stopped = true; });
    auto result = promise.deferred().addCallback([](int x) { return x; }).addBoth([](Outcome<int> outcome) {
        return outcome.ok() ? 0 : outcome.failure().check<CancelledError>() ? 1 : 2;
    });
    result.cancel();
    EXPECT_TRUE(stopped);
    EXPECT_EQ(successResultOf(std::move(result)), 1);
}

TEST(Cancel, TheCancellerMayFireSomethingElse) {
    std::optional<Promise<int>> promise;
    promise.emplace([&] { promise->callback(-1); });
    auto deferred = promise->deferred();
    deferred.cancel();
    EXPECT_EQ(successResultOf(std::move(deferred)), -1);
}

TEST(Cancel, TheCancellerMayDestroyItsPromise) {
    std::optional<Promise<int>> promise;
    promise.emplace([&] { promise.reset(); });
    auto deferred = promise->deferred();
    deferred.cancel();
    failureResultOf<CancelledError>(std::move(deferred));
}

TEST(Cancel, RunsTheCancellerOnce) {
    int times = 0;
    Promise<int> promise([&] { ++times; });
    auto deferred = promise.deferred();
    deferred.cancel();
    deferred.cancel();
    EXPECT_EQ(times, 1);
    failureResultOf<CancelledError>(std::move(deferred));
}

TEST(Cancel, OneLateResultIsSwallowedAndTheNextIsAMistake) {
    Promise<int> promise;
    auto deferred = promise.deferred();
    deferred.cancel();
    EXPECT_NO_THROW(promise.callback(1));
    EXPECT_THROW(promise.callback(2), AlreadyCalledError);
    failureResultOf<CancelledError>(std::move(deferred));
}

TEST(Cancel, ALateFailureIsSwallowedWithoutAReport) {
    const std::size_t before = unhandledErrors();
    Promise<int> promise;
    auto deferred = promise.deferred();
    deferred.cancel();
    promise.errback(std::runtime_error("too late"));
    failureResultOf<CancelledError>(std::move(deferred));
    EXPECT_EQ(unhandledErrors(), before);
}

TEST(Cancel, AfterTheResultDoesNothing) {
    bool stopped = false;
    Promise<int> promise([&] { stopped = true; });
    auto deferred = promise.deferred();
    promise.callback(1);
    deferred.cancel();
    EXPECT_FALSE(stopped);
    EXPECT_EQ(successResultOf(std::move(deferred)), 1);
    auto ready = succeed(2);
    ready.cancel();
    EXPECT_EQ(successResultOf(std::move(ready)), 2);
}

TEST(Cancel, GoesToTheDeferredThatACallbackReturned) {
    bool outerStopped = false;
    bool innerStopped = false;
    Promise<int> first([&] { outerStopped = true; });
    Promise<int> second([&] { innerStopped = true; });
    auto result = first.deferred().addCallback([&](int) { return second.deferred(); });
    first.callback(1);
    result.cancel();
    EXPECT_FALSE(outerStopped);
    EXPECT_TRUE(innerStopped);
    failureResultOf<CancelledError>(std::move(result));
}

TEST(Cancel, ACancelledStepMayBeRecoveredFrom) {
    Promise<int> promise;
    auto result = promise.deferred().addErrback([](const Failure&) { return 5; });
    result.cancel();
    EXPECT_EQ(successResultOf(std::move(result)), 5);
}

TEST(Cancel, AnUnheardCancelledErrorIsNoError) {
    const std::size_t before = unhandledErrors();
    Promise<int> promise;
    {
        auto deferred = promise.deferred();
        deferred.cancel();
    }
    EXPECT_EQ(unhandledErrors(), before);
}

TEST(Cancel, FromInsideTheCallbackThatRunsDoesNothing) {
    Promise<int> promise;
    std::optional<Deferred<int>> result;
    result.emplace(promise.deferred().addCallback([&](int x) {
        result->cancel();
        return x;
    }));
    promise.callback(3);
    EXPECT_EQ(successResultOf(std::move(*result)), 3);
}

TEST(Cancel, OfAVeryLongChainDoesNotUseTheStack) {
    bool stopped = false;
    Promise<int> promise([&] { stopped = true; });
    auto deferred = promise.deferred();
    for (int i = 0; i < 200'000; ++i)
        deferred = std::move(deferred).addCallback([](int x) { return x + 1; });
    deferred.cancel();
    EXPECT_TRUE(stopped);
    failureResultOf<CancelledError>(std::move(deferred));
}

} // namespace twistdpp
