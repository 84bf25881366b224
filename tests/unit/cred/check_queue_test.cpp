#include "twistdpp/cred/check_queue.h"

#include "twistdpp/cred/errors.h"
#include "unit/cred/hand_reactor.h"

#include <gtest/gtest.h>

namespace twistdpp {

class CheckQueueTest : public testing::Test {
protected:
    std::shared_ptr<CheckQueue> queue(std::size_t atOnce, std::size_t waiting) {
        return CheckQueue::over(
            [this](UniqueFunction<void()> job) { return reactor_.runInThread(Pool::cpu, std::move(job)); },
            CheckQueue::Limits(atOnce, waiting)
        );
    }
    test::HandReactor reactor_;
    int done_ = 0;
    UniqueFunction<void()> count() {
        return [this] { ++done_; };
    }
};

TEST_F(CheckQueueTest, RunsAFewAtATimeAndRefusesALongRow) {
    const auto checks = queue(2, 1);
    Deferred<void> a = checks->run(count()), b = checks->run(count()), c = checks->run(count());
    EXPECT_EQ(reactor_.jobs.size(), 2U);
    EXPECT_TRUE(checks->run(count()).take().failure().check<CheckerUnavailable>());
    reactor_.runJobs();
    EXPECT_EQ(done_, 3);
    EXPECT_TRUE(std::move(a).take().ok() && std::move(b).take().ok() && std::move(c).take().ok());
}

TEST_F(CheckQueueTest, ACancelledOneLeavesTheRow) {
    const auto checks = queue(1, 1);
    Deferred<void> running = checks->run(count());
    Deferred<void> waiting = checks->run(count());
    waiting.cancel();
    EXPECT_TRUE(std::move(waiting).take().failure().check<CancelledError>());
    Deferred<void> next = checks->run(count());
    reactor_.runJobs();
    EXPECT_EQ(done_, 2);
    EXPECT_TRUE(std::move(running).take().ok() && std::move(next).take().ok());
}

TEST_F(CheckQueueTest, WhatAJobThrowsIsTheFailureAndFreesItsPlace) {
    const auto checks = queue(1, 0);
    Deferred<void> broken = checks->run([] { throw std::runtime_error("broken"); });
    reactor_.runJobs();
    EXPECT_EQ(std::move(broken).take().failure().message(), "broken");
    Deferred<void> next = checks->run(count());
    reactor_.runJobs();
    EXPECT_TRUE(std::move(next).take().ok());
}

TEST_F(CheckQueueTest, IsSharedByAllOfOneReactorAndPool) {
    test::HandReactor other;
    const auto cpu = CheckQueue::of(reactor_, Pool::cpu);
    EXPECT_EQ(cpu, CheckQueue::of(reactor_, Pool::cpu));
    EXPECT_NE(cpu, CheckQueue::of(reactor_, Pool::io));
    EXPECT_NE(cpu, CheckQueue::of(other, Pool::cpu));
    Deferred<void> job = cpu->run(count());
    ASSERT_EQ(reactor_.jobs.size(), 1U);
    EXPECT_EQ(reactor_.jobs.front().first, Pool::cpu);
    reactor_.runJobs();
    EXPECT_TRUE(std::move(job).take().ok());
}

TEST_F(CheckQueueTest, MayBeLetGoWhileItWorks) {
    auto checks = queue(1, 1);
    Deferred<void> first = checks->run(count()), second = checks->run(count());
    checks.reset();
    reactor_.runJobs();
    EXPECT_EQ(done_, 2);
    EXPECT_TRUE(std::move(first).take().ok() && std::move(second).take().ok());
}

} // namespace twistdpp
