// Nothing that fires, however long the chain or deep the nesting, overflows the stack.
#include "support/results.h"
#include "twistdpp/defer/promise.h"
#include "twistdpp/defer/queue.h"
#include "twistdpp/defer/semaphore.h"

#include <gtest/gtest.h>
#include <memory>
#include <vector>

namespace twistdpp {

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kMillion = 100'000; // the instruments make a million take minutes
#else
constexpr int kMillion = 1'000'000;
#endif

Deferred<int> nested(int depth, Deferred<int> root) {
    if (depth == 0)
        co_return co_await std::move(root);
    co_return 1 + co_await nested(depth - 1, std::move(root));
}

Deferred<int> awaitsReady(int times) {
    int sum = 0;
    for (int i = 0; i < times; ++i)
        sum += co_await succeed(1);
    co_return sum;
}

Deferred<void> produces(Queue<int>& queue, int count) {
    for (int i = 0; i < count; ++i)
        co_await queue.put(i);
    queue.close();
}

Deferred<int> consumes(Queue<int>& queue) {
    int count = 0;
    for (;;) {
        auto item = co_await queue.get().outcome();
        if (!item.ok())
            co_return count;
        EXPECT_EQ(item.value(), count);
        ++count;
    }
}

Deferred<void> holdsOnce(Semaphore& semaphore, int& order) {
    const auto permit = co_await semaphore.acquire();
    ++order;
}

} // namespace

TEST(Depth, AChainOf200000Callbacks) {
    Promise<int> promise;
    auto deferred = promise.deferred();
    for (int i = 0; i < 200'000; ++i)
        deferred = std::move(deferred).addCallback([](int x) { return x + 1; });
    promise.callback(0);
    EXPECT_EQ(successResultOf(std::move(deferred)), 200'000);
}

TEST(Depth, AFailureThroughAChainOf200000Callbacks) {
    auto promise = std::make_unique<Promise<int>>();
    auto deferred = promise->deferred();
    for (int i = 0; i < 200'000; ++i)
        deferred = std::move(deferred).addCallback([](int x) { return x + 1; });
    promise.reset();
    failureResultOf<AbandonedError>(std::move(deferred));
}

TEST(Depth, TwoThousandNestedAwaits) {
    Promise<int> promise;
    auto result = nested(2000, promise.deferred());
    promise.callback(5);
    EXPECT_EQ(successResultOf(std::move(result)), 2005);
}

TEST(Depth, TwoThousandNestedAwaitsCancelled) {
    Promise<int> promise;
    auto result = nested(2000, promise.deferred());
    result.cancel();
    failureResultOf<CancelledError>(std::move(result));
}

TEST(Depth, AMillionReadyAwaits) {
    EXPECT_EQ(successResultOf(awaitsReady(kMillion)), kMillion);
}

TEST(Depth, AMillionHandOversThroughAQueueThatWaitsForItsConsumer) {
    Queue<int> queue;
    auto consumed = consumes(queue);
    auto produced = produces(queue, kMillion);
    EXPECT_TRUE(produced.called());
    EXPECT_EQ(successResultOf(std::move(consumed)), kMillion);
}

TEST(Depth, AMillionHandOversThroughAFullQueue) {
    Queue<int> queue(1);
    auto produced = produces(queue, kMillion);
    EXPECT_FALSE(produced.called());
    auto consumed = consumes(queue);
    EXPECT_TRUE(produced.called());
    EXPECT_EQ(successResultOf(std::move(consumed)), kMillion);
}

TEST(Depth, OneHundredThousandWaitersOfALock) {
    Semaphore lock(1);
    int order = 0;
    std::vector<Deferred<void>> all;
    {
        auto first = successResultOf(lock.acquire());
        for (int i = 0; i < 100'000; ++i)
            all.push_back(holdsOnce(lock, order));
        EXPECT_EQ(order, 0);
    }
    EXPECT_EQ(order, 100'000);
    EXPECT_EQ(lock.available(), 1U);
}

TEST(Depth, PromisesThatFireEachOther) {
    constexpr int kCount = 100'000;
    std::vector<Promise<int>> promises(kCount);
    std::vector<Deferred<void>> results;
    int fired = 0;
    for (std::size_t i = 0; i < kCount; ++i)
        results.push_back(promises[i].deferred().addCallback([&, i](int x) {
            ++fired;
            if (i + 1 < kCount)
                promises[i + 1].callback(x + 1);
        }));
    promises[0].callback(0);
    EXPECT_EQ(fired, kCount);
    EXPECT_TRUE(results.back().called());
}

} // namespace twistdpp
