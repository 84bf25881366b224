#include "support/results.h"
#include "twistdpp/defer/promise.h"
#include "twistdpp/reactor/looping_call.h"
#include "twistdpp/sim/sim_reactor.h"

#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <stdexcept>
#include <vector>

namespace twistdpp {

namespace {

using std::chrono::seconds;

class LoopingCallTest : public testing::Test {
protected:
    void tick() { ticks.push_back(std::chrono::duration_cast<seconds>(reactor.elapsed()).count()); }

    SimReactor reactor;
    std::vector<long> ticks;
    LoopingCall loop{reactor, [this] { tick(); }};
};

using Ticks = std::vector<long>;

} // namespace

TEST_F(LoopingCallTest, CallsAtOnceAndThenAtEachInterval) {
    auto result = loop.start(seconds(10));
    EXPECT_EQ(ticks, Ticks{0});
    reactor.advance(seconds(35));
    EXPECT_EQ(ticks, (Ticks{0, 10, 20, 30}));
    EXPECT_TRUE(loop.running());
    loop.stop();
    EXPECT_FALSE(loop.running());
    successResultOf(std::move(result));
    reactor.advance(seconds(100));
    EXPECT_EQ(ticks.size(), 4U);
}

TEST_F(LoopingCallTest, MayBeginAfterTheFirstInterval) {
    auto result = loop.start(seconds(10), false);
    EXPECT_TRUE(ticks.empty());
    reactor.advance(seconds(25));
    EXPECT_EQ(ticks, (Ticks{10, 20}));
    loop.stop();
    successResultOf(std::move(result));
}

TEST_F(LoopingCallTest, MayBeStartedAgain) {
    successResultOf([&] {
        auto result = loop.start(seconds(10));
        loop.stop();
        return result;
    }());
    auto again = loop.start(seconds(1));
    reactor.advance(seconds(2));
    EXPECT_EQ(ticks, (Ticks{0, 0, 1, 2}));
    loop.stop();
    successResultOf(std::move(again));
}

TEST_F(LoopingCallTest, StartedAgainItWaitsForACallThatIsStillGoingOn) {
    std::optional<Promise<void>> work;
    int calls = 0;
    LoopingCall slow(reactor, [&] {
        ++calls;
        work.emplace();
        return work->deferred();
    });
    auto first = slow.start(seconds(1));
    first.cancel();
    failureResultOf<CancelledError>(std::move(first));
    auto second = slow.start(seconds(1), false);
    reactor.advance(seconds(10));
    EXPECT_EQ(calls, 1) << "no call begins before the one before has ended";
    std::exchange(work, std::nullopt)->callback();
    reactor.advance(seconds(1));
    EXPECT_EQ(calls, 2);
    slow.stop();
    std::exchange(work, std::nullopt)->callback();
    successResultOf(std::move(second));
}

TEST_F(LoopingCallTest, ResetCountsFromNow) {
    auto result = loop.start(seconds(10));
    reactor.advance(seconds(7));
    loop.reset();
    reactor.advance(seconds(20));
    EXPECT_EQ(ticks, (Ticks{0, 17, 27}));
    loop.stop();
    successResultOf(std::move(result));
}

TEST_F(LoopingCallTest, CancellingTheResultEndsTheCalls) {
    auto result = loop.start(seconds(10));
    result.cancel();
    EXPECT_FALSE(loop.running());
    failureResultOf<CancelledError>(std::move(result));
    reactor.advance(seconds(100));
    EXPECT_EQ(ticks, Ticks{0});
}

TEST_F(LoopingCallTest, NeverOverlapsAndSkipsWhatWasDueMeanwhile) {
    std::optional<Promise<void>> slow;
    LoopingCall waiting(reactor, [&] {
        tick();
        return slow.emplace().deferred();
    });
    auto result = waiting.start(seconds(10));
    reactor.advance(seconds(34));
    EXPECT_EQ(ticks, Ticks{0});
    std::exchange(slow, std::nullopt)->callback();
    reactor.advance(seconds(10));
    EXPECT_EQ(ticks, (Ticks{0, 40}));
    waiting.stop();
    EXPECT_FALSE(result.called()) << "a call is in progress";
    slow->callback();
    successResultOf(std::move(result));
}

TEST_F(LoopingCallTest, AnErrorEndsItAndIsItsResult) {
    LoopingCall failing(reactor, [&] {
        tick();
        if (ticks.size() == 3)
            throw std::runtime_error("the third time");
    });
    auto result = failing.start(seconds(1));
    reactor.advance(seconds(10));
    EXPECT_EQ(ticks, (Ticks{0, 1, 2}));
    EXPECT_FALSE(failing.running());
    EXPECT_EQ(failureResultOf(std::move(result)).message(), "the third time");
}

TEST_F(LoopingCallTest, AFailedDeferredEndsItToo) {
    LoopingCall failing(reactor, [] { return fail(std::runtime_error("later")); });
    EXPECT_EQ(failureResultOf(failing.start(seconds(1))).message(), "later");
}

TEST_F(LoopingCallTest, ItsFunctionMayStopIt) {
    LoopingCall* self = nullptr;
    LoopingCall twice(reactor, [&] {
        tick();
        if (ticks.size() == 2)
            self->stop();
    });
    self = &twice;
    auto result = twice.start(seconds(1));
    reactor.advance(seconds(10));
    EXPECT_EQ(ticks, (Ticks{0, 1}));
    successResultOf(std::move(result));
}

TEST_F(LoopingCallTest, ItsFunctionMayDestroyIt) {
    std::unique_ptr<LoopingCall> owned;
    owned = std::make_unique<LoopingCall>(reactor, [&] {
        tick();
        if (ticks.size() == 2)
            owned.reset();
    });
    auto result = owned->start(seconds(1));
    reactor.advance(seconds(10));
    EXPECT_EQ(ticks, (Ticks{0, 1}));
    EXPECT_EQ(owned, nullptr);
    successResultOf(std::move(result));
}

TEST_F(LoopingCallTest, AnIntervalOfZeroIsOnceATurn) {
    auto result = loop.start(Duration(0));
    reactor.callSoon([] {});
    EXPECT_TRUE(reactor.runUntil([&] { return ticks.size() >= 100; }));
    loop.stop();
    successResultOf(std::move(result));
}

} // namespace twistdpp
