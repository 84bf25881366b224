// The rules of TimerNode and Timer, on virtual time.
#include "twistdpp/sim/sim_reactor.h"

#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>

namespace twistdpp {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

TEST(TimerNode, RunsOnceAtItsTime) {
    SimReactor reactor;
    int runs = 0;
    TimerNode node(reactor.timers(), [&] { ++runs; });
    EXPECT_FALSE(node.active());
    node.start(milliseconds(10));
    EXPECT_TRUE(node.active());
    EXPECT_EQ(node.due(), reactor.now() + milliseconds(10));
    reactor.advance(milliseconds(10) - nanoseconds(1));
    EXPECT_EQ(runs, 0);
    reactor.advance(nanoseconds(1));
    EXPECT_EQ(runs, 1);
    EXPECT_FALSE(node.active());
    reactor.advance(milliseconds(100));
    EXPECT_EQ(runs, 1);
}

TEST(TimerNode, StartMovesItAndStopTakesItBack) {
    SimReactor reactor;
    int runs = 0;
    TimerNode node(reactor.timers(), [&] { ++runs; });
    node.start(milliseconds(10));
    node.start(milliseconds(30));
    reactor.advance(milliseconds(20));
    EXPECT_EQ(runs, 0);
    node.stop();
    node.stop();
    reactor.advance(milliseconds(20));
    EXPECT_EQ(runs, 0);
    node.start(milliseconds(1));
    reactor.advance(milliseconds(1));
    EXPECT_EQ(runs, 1);
}

TEST(TimerNode, MayArmItselfAgainInItsCallback) {
    SimReactor reactor;
    int runs = 0;
    std::optional<TimerNode> node;
    node.emplace(reactor.timers(), [&] {
        if (++runs < 5)
            node->start(milliseconds(1));
    });
    node->start(milliseconds(1));
    reactor.runUntilIdle();
    EXPECT_EQ(runs, 5);
    EXPECT_EQ(reactor.elapsed(), milliseconds(5));
}

TEST(TimerNode, OfOneTimeRunInTheOrderOfArming) {
    SimReactor reactor;
    std::string order;
    TimerNode a(reactor.timers(), [&] { order += 'a'; });
    TimerNode b(reactor.timers(), [&] { order += 'b'; });
    TimerNode c(reactor.timers(), [&] { order += 'c'; });
    c.start(milliseconds(1));
    a.start(milliseconds(1));
    b.start(milliseconds(1));
    c.start(milliseconds(1));
    reactor.runUntilIdle();
    EXPECT_EQ(order, "abc");
}

TEST(TimerNode, ThatIsDueWithAnotherMayStillBeStoppedByIt) {
    SimReactor reactor;
    int runs = 0;
    TimerNode second(reactor.timers(), [&] { ++runs; });
    TimerNode first(reactor.timers(), [&] { second.stop(); });
    auto third = std::make_unique<TimerNode>(reactor.timers(), [&] { ++runs; });
    TimerNode killer(reactor.timers(), [&] { third.reset(); });
    first.start(milliseconds(1));
    second.start(milliseconds(1));
    killer.start(milliseconds(1));
    third->start(milliseconds(1));
    reactor.runUntilIdle();
    EXPECT_EQ(runs, 0);
}

TEST(TimerNode, ArmedForNowRunsInTheNextTurn) {
    SimReactor reactor;
    std::string order;
    TimerNode later(reactor.timers(), [&] { order += 'n'; });
    TimerNode first(reactor.timers(), [&] {
        later.start(Duration(0));
        reactor.callSoon([&] { order += 's'; });
        order += 'f';
    });
    first.start(Duration(0));
    reactor.runUntilIdle();
    EXPECT_EQ(order, "fsn");
}

TEST(TimerNode, ATimeThatHasPassedIsNow) {
    SimReactor reactor;
    bool ran = false;
    TimerNode node(reactor.timers(), [&] { ran = true; });
    node.start(-milliseconds(5));
    const TimePoint before = reactor.now();
    reactor.runUntilIdle();
    EXPECT_TRUE(ran);
    EXPECT_EQ(reactor.now(), before);
}

TEST(Timer, DroppedIsCancelled) {
    SimReactor reactor;
    int runs = 0;
    {
        const Timer timer = reactor.callLater(milliseconds(1), [&] { ++runs; });
    }
    Timer kept = reactor.callLater(milliseconds(1), [&] { ++runs; });
    kept = reactor.callLater(milliseconds(2), [&] { runs += 10; });
    reactor.runUntilIdle();
    EXPECT_EQ(runs, 10);
    EXPECT_FALSE(kept.active());
}

TEST(Timer, MayBeResetAfterItRan) {
    SimReactor reactor;
    int runs = 0;
    Timer timer = reactor.callLater(milliseconds(1), [&] { ++runs; });
    reactor.advance(milliseconds(5));
    EXPECT_EQ(runs, 1);
    timer.reset(milliseconds(3));
    EXPECT_EQ(timer.getTime(), reactor.now() + milliseconds(3));
    reactor.advance(milliseconds(3));
    EXPECT_EQ(runs, 2);
    timer.cancel();
    timer.reset(milliseconds(1));
    reactor.advance(milliseconds(5));
    EXPECT_EQ(runs, 2) << "a cancelled call does not come back";
}

TEST(Timer, WhatItsCallbackHoldsDiesWithIt) {
    SimReactor reactor;
    auto held = std::make_shared<int>(1);
    Timer timer = reactor.callLater(milliseconds(1), [held] {});
    EXPECT_EQ(held.use_count(), 2);
    timer.cancel();
    EXPECT_EQ(held.use_count(), 1);
}

} // namespace twistdpp
