// sleep, withTimeout and deferToThread, on virtual time.
#include "support/results.h"
#include "twistdpp/reactor/sleep.h"
#include "twistdpp/sim/sim_reactor.h"

#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

namespace twistdpp {

namespace {
using std::chrono::milliseconds;
using std::chrono::seconds;

Deferred<int> sleepsTwice(Reactor& reactor) {
    co_await sleep(reactor, seconds(1));
    co_await sleep(reactor, seconds(2));
    co_return 3;
}
} // namespace

TEST(Sleep, FiresAfterItsTime) {
    SimReactor reactor;
    auto sleeping = sleep(reactor, seconds(3));
    reactor.advance(seconds(2));
    EXPECT_FALSE(sleeping.called());
    reactor.advance(seconds(1));
    successResultOf(std::move(sleeping));
}

TEST(Sleep, CancelledTakesItsTimerBack) {
    SimReactor reactor;
    auto sleeping = sleep(reactor, seconds(3));
    sleeping.cancel();
    failureResultOf<CancelledError>(std::move(sleeping));
    EXPECT_TRUE(reactor.runUntilIdle());
    EXPECT_EQ(reactor.elapsed(), Duration(0)) << "nothing was left to wait for";
}

TEST(Sleep, InACoroutine) {
    SimReactor reactor;
    auto result = sleepsTwice(reactor);
    reactor.runUntilIdle();
    EXPECT_EQ(successResultOf(std::move(result)), 3);
    EXPECT_EQ(reactor.elapsed(), seconds(3));
}

TEST(Sleep, EndsWithItsReactor) {
    std::optional<SimReactor> reactor(std::in_place);
    auto sleeping = sleep(*reactor, seconds(3));
    reactor.reset();
    failureResultOf<AbandonedError>(std::move(sleeping));
}

TEST(WithTimeout, PassesAResultInTimeOn) {
    SimReactor reactor;
    Promise<int> promise;
    auto result = withTimeout(reactor, seconds(5), promise.deferred());
    reactor.advance(seconds(4));
    promise.callback(1);
    EXPECT_EQ(successResultOf(std::move(result)), 1);
    EXPECT_TRUE(reactor.runUntilIdle());
    EXPECT_EQ(reactor.elapsed(), seconds(4)) << "the timer went with it";
}

TEST(WithTimeout, PassesAFailureInTimeOn) {
    SimReactor reactor;
    Promise<int> promise;
    auto result = withTimeout(reactor, seconds(5), promise.deferred());
    promise.errback(std::runtime_error("itself"));
    EXPECT_EQ(failureResultOf(std::move(result)).message(), "itself");
}

TEST(WithTimeout, OfAReadyResultIsThatResult) {
    SimReactor reactor;
    EXPECT_EQ(successResultOf(withTimeout(reactor, seconds(5), succeed(2))), 2);
}

TEST(WithTimeout, CancelsTheOperationWhenTheTimeIsOver) {
    SimReactor reactor;
    bool stopped = false;
    Promise<int> promise([&] { stopped = true; });
    auto result = withTimeout(reactor, seconds(5), promise.deferred());
    reactor.advance(seconds(5));
    EXPECT_TRUE(stopped);
    failureResultOf<TimeoutError>(std::move(result));
}

TEST(WithTimeout, TakesAValueThatComesOfTheCancelling) {
    SimReactor reactor;
    std::optional<Promise<int>> promise;
    promise.emplace([&] { promise->callback(-1); });
    auto result = withTimeout(reactor, seconds(5), promise->deferred());
    reactor.advance(seconds(5));
    EXPECT_EQ(successResultOf(std::move(result)), -1);
}

TEST(WithTimeout, CancellingReachesTheOperation) {
    SimReactor reactor;
    bool stopped = false;
    Promise<int> promise([&] { stopped = true; });
    auto result = withTimeout(reactor, seconds(5), promise.deferred());
    result.cancel();
    EXPECT_TRUE(stopped);
    failureResultOf<CancelledError>(std::move(result));
    reactor.runUntilIdle();
    EXPECT_EQ(reactor.elapsed(), Duration(0));
}

TEST(WithTimeout, LeavesNothingBehindWhenItsReactorEnds) {
    const std::size_t before = liveStates();
    std::optional<SimReactor> reactor(std::in_place);
    auto result = withTimeout(*reactor, seconds(5), sleep(*reactor, seconds(10)));
    reactor.reset();
    EXPECT_TRUE(result.called());
    failureResultOf(std::move(result));
    EXPECT_EQ(liveStates(), before);
}

TEST(DeferToThread, GivesTheValueAtALaterTurn) {
    SimReactor reactor;
    bool ran = false;
    auto result = deferToThread(reactor, Pool::cpu, [&] {
        ran = true;
        return std::string("value");
    });
    EXPECT_FALSE(ran);
    EXPECT_FALSE(result.called());
    reactor.runUntilIdle();
    EXPECT_EQ(successResultOf(std::move(result)), "value");
}

TEST(DeferToThread, CarriesWhatCanOnlyBeMovedAndWhatIsThrown) {
    SimReactor reactor;
    auto moved =
        deferToThread(reactor, Pool::io, [in = std::make_unique<int>(4)]() mutable { return std::move(in); });
    auto thrown = deferToThread(reactor, Pool::io, [] { throw std::runtime_error("in the thread"); });
    reactor.runUntilIdle();
    EXPECT_EQ(*successResultOf(std::move(moved)), 4);
    EXPECT_EQ(failureResultOf(std::move(thrown)).message(), "in the thread");
}

TEST(DeferToThread, CancelledBeforeItBeganIsTakenBack) {
    SimReactor reactor;
    bool ran = false;
    auto result = deferToThread(reactor, Pool::cpu, [&] { ran = true; });
    result.cancel();
    failureResultOf<CancelledError>(std::move(result));
    reactor.runUntilIdle();
    EXPECT_FALSE(ran);
}

TEST(DeferToThread, CancelledWhileItRunsForgetsItsResult) {
    SimReactor reactor(SimOptions::calm());
    bool ran = false;
    auto result = deferToThread(reactor, Pool::cpu, [&] { ran = true; });
    reactor.advance(milliseconds(1));
    EXPECT_TRUE(ran);
    EXPECT_FALSE(result.called());
    result.cancel();
    failureResultOf<CancelledError>(std::move(result));
    reactor.runUntilIdle();
}

} // namespace twistdpp
