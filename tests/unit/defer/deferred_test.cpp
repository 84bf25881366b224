// Callbacks: when they run, what they get and what comes of what they return.
#include "support/expect.h"
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
struct Other : std::runtime_error {
    Other() : std::runtime_error("other") {}
};

} // namespace

static_assert(!std::is_copy_constructible_v<Deferred<int>>);
static_assert(std::is_nothrow_move_constructible_v<Deferred<int>>);
static_assert(!std::is_copy_constructible_v<Promise<int>>);

TEST(Deferred, AReadyCallbackRunsInsideAddCallback) {
    bool ran = false;
    auto result = succeed(20).addCallback([&](int x) {
        ran = true;
        return x + 1;
    });
    EXPECT_TRUE(ran);
    EXPECT_EQ(successResultOf(std::move(result)), 21);
}

TEST(Deferred, AReadyResultNeedsNoState) {
    const std::size_t before = liveStates();
    auto result = succeed(1).addCallback([](int x) { return x * 2; }).addBoth([] { return 5; });
    EXPECT_EQ(liveStates(), before);
    EXPECT_EQ(successResultOf(std::move(result)), 5);
}

TEST(Deferred, APendingCallbackRunsInsideTheCallThatFires) {
    Promise<int> promise;
    int seen = 0;
    auto result = promise.deferred().addCallback([&](int x) { seen = x; });
    EXPECT_FALSE(result.called());
    EXPECT_FALSE(promise.called());
    promise.callback(7);
    EXPECT_EQ(seen, 7);
    EXPECT_TRUE(result.called());
    EXPECT_TRUE(promise.called());
}

TEST(Deferred, EachCallbackGetsWhatTheOneBeforeReturned) {
    Promise<int> promise;
    auto result = promise.deferred().addCallback([](int x) { return std::to_string(x); }
    ).addCallback([](const std::string& s) {
         return s + "!";
     }).addCallback([](std::string s) { return s.size(); });
    promise.callback(123);
    EXPECT_EQ(successResultOf(std::move(result)), 4U);
}

TEST(Deferred, AThrownExceptionPassesCallbacksUntilAnErrback) {
    Promise<int> promise;
    bool skipped = true;
    auto result = promise.deferred()
                      .addCallback([](int) -> int { throw Broken(); })
                      .addCallback([&](int x) {
                          skipped = false;
                          return x;
                      })
                      .addErrback([](const Failure& failure) { return failure.check<Broken>() ? 42 : 0; })
                      .addCallback([](int x) { return x + 1; });
    promise.callback(1);
    EXPECT_TRUE(skipped);
    EXPECT_EQ(successResultOf(std::move(result)), 43);
}

TEST(Deferred, AnErrbackIsPassedByAValue) {
    Promise<int> promise;
    auto result = promise.deferred().addErrback([](const Failure&) { return -1; });
    promise.callback(5);
    EXPECT_EQ(successResultOf(std::move(result)), 5);
}

TEST(Deferred, AnErrbackMayThrowOrReturnAnotherFailure) {
    auto thrown = fail<int>(Broken()).addErrback([](const Failure&) -> int { throw Other(); });
    failureResultOf<Other>(std::move(thrown));
    auto returned = fail<int>(Broken()).addErrback([](const Failure&) { return Failure(Other()); });
    failureResultOf<Other>(std::move(returned));
}

TEST(Deferred, AnErrbackMayReturnADeferred) {
    Promise<int> second;
    auto result =
        fail<int>(Broken()).addErrback([&](const Failure&) -> Deferred<int> { return second.deferred(); });
    EXPECT_FALSE(result.called());
    second.callback(9);
    EXPECT_EQ(successResultOf(std::move(result)), 9);
}

TEST(Deferred, AddBothSeesEitherOutcome) {
    const auto describe = [](Outcome<int> outcome) {
        return outcome.ok() ? std::to_string(outcome.value()) : outcome.failure().message();
    };
    EXPECT_EQ(successResultOf(succeed(3).addBoth(describe)), "3");
    EXPECT_EQ(successResultOf(fail<int>(Broken()).addBoth(describe)), "broken");
    EXPECT_EQ(successResultOf(fail<int>(Broken()).addBoth([] { return 1; })), 1);
}

TEST(Deferred, AddCallbacksDoesNotShowTheErrbackWhatItsCallbackThrows) {
    bool seen = false;
    auto result = succeed(1).addCallbacks(
        [](int) -> int { throw Broken(); },
        [&](const Failure&) {
            seen = true;
            return 0;
        }
    );
    EXPECT_FALSE(seen);
    failureResultOf<Broken>(std::move(result));
    EXPECT_EQ(
        successResultOf(fail<int>(Other()).addCallbacks(
            [](int x) { return x; }, [](const Failure& failure) { return failure.check<Other>() ? 8 : 0; }
        )),
        8
    );
}

TEST(Deferred, TheChainWaitsForADeferredThatACallbackReturns) {
    Promise<int> first;
    Promise<std::string> second;
    std::vector<std::string> order;
    auto result = first.deferred()
                      .addCallback([&](int) {
                          order.push_back("first");
                          return second.deferred();
                      })
                      .addCallback([&](const std::string& s) {
                          order.push_back(s);
                          return s.size();
                      });
    first.callback(1);
    EXPECT_FALSE(result.called());
    second.callback("second");
    EXPECT_EQ(order, (std::vector<std::string>{"first", "second"}));
    EXPECT_EQ(successResultOf(std::move(result)), 6U);
}

TEST(Deferred, TheFailureOfAReturnedDeferredIsThatOfTheChain) {
    Promise<void> second;
    auto result = succeed(1).addCallback([&](int) { return second.deferred(); });
    second.errback(Broken());
    failureResultOf<Broken>(std::move(result));
}

TEST(Deferred, ACallbackMayReturnAnOutcome) {
    EXPECT_EQ(successResultOf(succeed(1).addCallback([](int) { return Outcome<int>(4); })), 4);
    failureResultOf<Broken>(succeed(1).addCallback([](int) { return Outcome<int>(Failure(Broken())); }));
}

TEST(Deferred, OfNothingHasCallbacksWithoutArguments) {
    Promise<void> promise;
    int order = 0;
    auto result = promise.deferred().addCallback([&] { order = 1; }).addCallback([&] { return ++order; });
    promise.callback();
    EXPECT_EQ(successResultOf(std::move(result)), 2);
}

TEST(Deferred, CarriesWhatCanOnlyBeMoved) {
    Promise<std::unique_ptr<int>> promise;
    auto extra = std::make_unique<int>(2);
    auto result = promise.deferred()
                      .addCallback([extra = std::move(extra)](std::unique_ptr<int> x) {
                          *x += *extra;
                          return x;
                      })
                      .addErrback([](const Failure&) { return std::make_unique<int>(0); })
                      .addBoth([](Outcome<std::unique_ptr<int>> x) { return std::move(x).value(); });
    promise.callback(std::make_unique<int>(5));
    EXPECT_EQ(*successResultOf(std::move(result)), 7);
}

TEST(Deferred, LiteralsBecomeStrings) {
    Promise<std::string> promise;
    auto result = promise.deferred().addErrback([](const Failure&) { return "instead"; }
    ).addCallback([](std::string s) { return s + s; });
    promise.callback("ab");
    EXPECT_EQ(successResultOf(std::move(result)), "abab");
    EXPECT_EQ(successResultOf(Deferred<std::string>("ready")), "ready");
    EXPECT_EQ(
        successResultOf(fail<std::string>(Broken()).addErrback([](const Failure&) { return "instead"; })),
        "instead"
    );
}

TEST(Deferred, IsInvalidOnceConsumed) {
    auto deferred = succeed(1);
    EXPECT_TRUE(deferred.valid());
    EXPECT_EQ(successResultOf(std::move(deferred)), 1);
    EXPECT_FALSE(deferred.valid());
    Promise<int> promise;
    auto pending = promise.deferred();
    auto next = std::move(pending).addCallback([](int x) { return x; });
    EXPECT_FALSE(pending.valid());
    EXPECT_TRUE(next.valid());
    promise.callback(1);
}

TEST(Deferred, MoveAssignmentLetsTheOldOneGo) {
    Promise<int> one;
    Promise<int> two;
    auto deferred = one.deferred();
    deferred = two.deferred();
    one.callback(1);
    EXPECT_FALSE(deferred.called());
    two.callback(2);
    EXPECT_EQ(successResultOf(std::move(deferred)), 2);
}

TEST(Deferred, ADetachedOneGoesOn) {
    Promise<int> promise;
    int seen = 0;
    promise.deferred().addCallback([&](int x) { seen = x; }).detach();
    promise.callback(3);
    EXPECT_EQ(seen, 3);
}

TEST(Promise, FiresOnceOnly) {
    Promise<int> promise;
    auto deferred = promise.deferred();
    promise.callback(1);
    EXPECT_THROW(promise.callback(2), AlreadyCalledError);
    EXPECT_THROW(promise.errback(Broken()), AlreadyCalledError);
    EXPECT_EQ(successResultOf(std::move(deferred)), 1);
}

TEST(Promise, MayBeDestroyedByItsOwnCallbacks) {
    auto promise = std::make_unique<Promise<int>>();
    auto result = promise->deferred().addCallback([&](int x) {
        promise.reset();
        return x;
    });
    promise->callback(4);
    EXPECT_EQ(promise, nullptr);
    EXPECT_EQ(successResultOf(std::move(result)), 4);
}

TEST(Promise, DroppedWithoutAResultFailsTheConsumer) {
    auto deferred = [] {
        Promise<int> promise;
        return promise.deferred();
    }();
    failureResultOf<AbandonedError>(std::move(deferred));
}

TEST(Promise, OverwrittenWithoutAResultFailsTheConsumer) {
    Promise<int> promise;
    auto deferred = promise.deferred();
    promise = Promise<int>();
    failureResultOf<AbandonedError>(std::move(deferred));
}

TEST(Promise, DroppedWhileNobodyWasEverToldOfItIsNoError) {
    const std::size_t before = unhandledErrors();
    { const Promise<int> promise; }
    EXPECT_EQ(unhandledErrors(), before);
}

TEST(Promise, FiresAnOutcome) {
    Promise<int> good;
    auto value = good.deferred();
    good.fireOutcome(Outcome<int>(1));
    EXPECT_EQ(successResultOf(std::move(value)), 1);
    Promise<int> bad;
    auto failure = bad.deferred();
    bad.fireOutcome(Failure(Broken()));
    failureResultOf<Broken>(std::move(failure));
}

TEST(Promise, MovedFromCountsAsCalled) {
    Promise<int> promise;
    auto deferred = promise.deferred();
    Promise<int> moved = std::move(promise);
    EXPECT_TRUE(promise.called());
    EXPECT_FALSE(promise);
    EXPECT_THROW(promise.callback(1), AlreadyCalledError);
    moved.callback(1);
    EXPECT_EQ(successResultOf(std::move(deferred)), 1);
}

} // namespace twistdpp
