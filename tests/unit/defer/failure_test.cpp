#include "support/expect.h"
#include "support/recorded_log.h"
#include "support/results.h"
#include "twistdpp/defer/diagnostics.h"
#include "twistdpp/defer/promise.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <stdexcept>
#include <string>

namespace twistdpp {

namespace {

struct Precise : std::runtime_error {
    explicit Precise(int c) : std::runtime_error("precise"), code(c) {}
    int code;
};

Failure caught(void (*thrower)()) {
    try {
        thrower();
    } catch (...) {
        return Failure::current();
    }
    throw std::logic_error("nothing was thrown");
}

Deferred<int> failsAtOnce() {
    co_return Failure(std::runtime_error("from a coroutine"));
}

} // namespace

TEST(Failure, KeepsTheExceptionWithItsType) {
    const Failure failure(Precise(7));
    EXPECT_TRUE(failure.check<Precise>());
    EXPECT_TRUE(failure.check<std::runtime_error>());
    EXPECT_FALSE(failure.check<std::logic_error>());
    EXPECT_EQ(failure.as<Precise>()->code, 7);
    EXPECT_EQ(failure.message(), "precise");
}

TEST(Failure, KnowsWhereItWasMade) {
    const Failure failure(Precise(1));
    EXPECT_THAT(failure.where().file_name(), testing::EndsWith("failure_test.cpp"));
    EXPECT_EQ(failure.where().line(), static_cast<unsigned>(__LINE__ - 2));
}

TEST(Failure, RaisesWhatItHolds) {
    const Failure failure(Precise(3));
    try {
        failure.raise();
    } catch (const Precise& error) {
        EXPECT_EQ(error.code, 3);
        return;
    }
    FAIL();
}

TEST(Failure, CopiesShareTheException) {
    const Failure one(Precise(2));
    const Failure two = one; // NOLINT(performance-unnecessary-copy-initialization)
    EXPECT_EQ(&one.error(), &two.error());
    Failure three(Precise(9));
    three = two;
    EXPECT_EQ(three.as<Precise>()->code, 2);
}

TEST(Failure, TakesTheExceptionThatIsBeingHandled) {
    const Failure failure = caught([] { throw Precise(4); });
    EXPECT_EQ(failure.as<Precise>()->code, 4);
    EXPECT_THROW(failure.raise(), Precise);
}

TEST(Failure, TakesWhatIsNoException) {
    const Failure failure = caught([] { throw 42; });
    EXPECT_TRUE(failure.check<std::runtime_error>());
    EXPECT_NE(failure.message(), "");
    failureResultOf<std::runtime_error>(succeed(1).addCallback([](int) -> int { throw "a literal"; }));
}

TEST(Unhandled, AFailureThatNobodyTakesIsReportedOnceWithItsPlace) {
    expectUnhandledErrors(1);
    const RecordedLog log;
    unsigned line = 0;
    {
        Promise<int> promise;
        line = __LINE__ - 1;
        auto deferred = promise.deferred().addCallback([](int x) { return x; });
        promise.errback(std::runtime_error("the reason"));
        EXPECT_TRUE(log.lines().empty()) << "somebody may still take it";
    }
    ASSERT_EQ(log.lines().size(), 1U) << log.text();
    EXPECT_THAT(log.text(), testing::StartsWith("error defer: Unhandled error in Deferred"));
    EXPECT_THAT(log.text(), testing::HasSubstr("the reason"));
    EXPECT_THAT(log.text(), testing::HasSubstr("failure_test.cpp:" + std::to_string(line)));
}

TEST(Unhandled, AReadyFailureIsReportedWhenItsDeferredDies) {
    expectUnhandledErrors(1);
    const RecordedLog log;
    { auto deferred = fail<int>(std::runtime_error("ready")); }
    EXPECT_THAT(log.text(), testing::HasSubstr("ready"));
}

TEST(Unhandled, ACoroutineThatNobodyAwaitsIsReported) {
    expectUnhandledErrors(1);
    const RecordedLog log;
    failsAtOnce().detach();
    EXPECT_THAT(log.text(), testing::HasSubstr("from a coroutine"));
}

TEST(Unhandled, WhatAnErrbackTookIsNotReported) {
    const RecordedLog log;
    fail<int>(std::runtime_error("taken")).addErrback([](const Failure&) { return 0; }).detach();
    EXPECT_TRUE(log.lines().empty());
}

TEST(Unhandled, ADroppedPromiseIsReportedToo) {
    expectUnhandledErrors(1);
    const RecordedLog log;
    {
        Promise<int> promise;
        promise.deferred().detach();
    }
    EXPECT_THAT(log.text(), testing::HasSubstr("before it had a result"));
}

} // namespace twistdpp
