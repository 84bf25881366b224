#include "support/results.h"
#include "twistdpp/defer/semaphore.h"

#include <gtest/gtest.h>
#include <memory>
#include <optional>

namespace twistdpp {

TEST(Semaphore, GivesItsTokensAndThenMakesWait) {
    Semaphore semaphore(2);
    auto one = successResultOf(semaphore.acquire());
    auto two = successResultOf(semaphore.acquire());
    EXPECT_EQ(semaphore.available(), 0U);
    auto third = semaphore.acquire();
    EXPECT_FALSE(third.called());
    one.release();
    auto three = successResultOf(std::move(third));
    EXPECT_EQ(semaphore.available(), 0U);
    three.release();
    two.release();
    EXPECT_EQ(semaphore.available(), 2U);
}

TEST(Semaphore, ServesInTheOrderOfComing) {
    Semaphore lock(1);
    std::string order;
    auto first = successResultOf(lock.acquire());
    auto a = lock.acquire().addCallback([&](Semaphore::Permit) { order += 'a'; });
    auto b = lock.acquire().addCallback([&](Semaphore::Permit) { order += 'b'; });
    first.release();
    EXPECT_EQ(order, "ab");
    EXPECT_EQ(lock.available(), 1U);
}

TEST(Semaphore, APermitGivesBackOnceWhateverHappensToIt) {
    Semaphore semaphore(1);
    {
        auto permit = successResultOf(semaphore.acquire());
        auto moved = std::move(permit);
        permit.release();
        EXPECT_EQ(semaphore.available(), 0U);
        moved.release();
        moved.release();
        EXPECT_EQ(semaphore.available(), 1U);
    }
    EXPECT_EQ(semaphore.available(), 1U);
}

TEST(Semaphore, WhoIsCancelledLeavesTheRow) {
    Semaphore lock(1);
    auto permit = successResultOf(lock.acquire());
    auto first = lock.acquire();
    auto second = lock.acquire();
    first.cancel();
    failureResultOf<CancelledError>(std::move(first));
    permit.release();
    EXPECT_TRUE(second.called());
    successResultOf(std::move(second)).release();
    EXPECT_EQ(lock.available(), 1U);
}

TEST(Semaphore, APermitThatNobodyTakesGoesBack) {
    Semaphore lock(1);
    auto permit = successResultOf(lock.acquire());
    lock.acquire().detach();
    permit.release();
    EXPECT_EQ(lock.available(), 1U);
}

TEST(Semaphore, ItsEndFailsThoseWhoWait) {
    std::optional<Semaphore> lock(std::in_place, std::size_t{0});
    auto waiting = lock->acquire();
    lock.reset();
    failureResultOf<AbandonedError>(std::move(waiting));
}

} // namespace twistdpp
