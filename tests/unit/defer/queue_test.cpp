#include "support/results.h"
#include "twistdpp/defer/queue.h"

#include <gtest/gtest.h>
#include <memory>
#include <string>

namespace twistdpp {

TEST(Queue, HandsItemsOnInOrder) {
    Queue<std::string> queue;
    successResultOf(queue.put("a"));
    successResultOf(queue.put("b"));
    EXPECT_EQ(queue.size(), 2U);
    EXPECT_EQ(successResultOf(queue.get()), "a");
    EXPECT_EQ(successResultOf(queue.get()), "b");
    EXPECT_EQ(queue.size(), 0U);
}

TEST(Queue, AConsumerWaitsForAnItem) {
    Queue<std::unique_ptr<int>> queue;
    auto first = queue.get();
    auto second = queue.get();
    EXPECT_FALSE(first.called());
    successResultOf(queue.put(std::make_unique<int>(1)));
    EXPECT_FALSE(second.called());
    successResultOf(queue.put(std::make_unique<int>(2)));
    EXPECT_EQ(*successResultOf(std::move(first)), 1);
    EXPECT_EQ(*successResultOf(std::move(second)), 2);
}

TEST(Queue, AProducerWaitsWhileItIsFull) {
    Queue<int> queue(1);
    successResultOf(queue.put(1));
    auto waiting = queue.put(2);
    EXPECT_FALSE(waiting.called());
    EXPECT_EQ(successResultOf(queue.get()), 1);
    EXPECT_TRUE(waiting.called());
    EXPECT_EQ(successResultOf(queue.get()), 2);
}

TEST(Queue, MayBeDestroyedByWhomItsEndIsTold) {
    auto full = std::make_unique<Queue<int>>(0);
    auto told = full->put(1).addErrback([&](const Failure&) { full.reset(); });
    full->close();
    EXPECT_EQ(full, nullptr);
    successResultOf(std::move(told));

    auto empty = std::make_unique<Queue<int>>();
    auto waiting = empty->get().addErrback([&](const Failure&) {
        empty.reset();
        return 2;
    });
    empty->close();
    EXPECT_EQ(empty, nullptr);
    EXPECT_EQ(successResultOf(std::move(waiting)), 2);
}

TEST(Queue, ACancelledConsumerTakesNothing) {
    Queue<int> queue;
    auto cancelled = queue.get();
    cancelled.cancel();
    failureResultOf<CancelledError>(std::move(cancelled));
    successResultOf(queue.put(1));
    EXPECT_EQ(successResultOf(queue.get()), 1);
}

TEST(Queue, CloseLetsWhatStandsInItBeTaken) {
    Queue<int> queue;
    successResultOf(queue.put(1));
    queue.close();
    failureResultOf<ClosedError>(queue.put(2));
    EXPECT_EQ(successResultOf(queue.get()), 1);
    failureResultOf<ClosedError>(queue.get());
}

TEST(Queue, CloseFailsThoseWhoWait) {
    Queue<int> consumers;
    auto getting = consumers.get();
    consumers.close();
    failureResultOf<ClosedError>(std::move(getting));

    Queue<int> producers(1);
    successResultOf(producers.put(1));
    auto putting = producers.put(2);
    producers.close();
    failureResultOf<ClosedError>(std::move(putting));
}

} // namespace twistdpp
