#include "support/results.h"
#include "twistdpp/defer/gather.h"

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

/// Promises that note which of them were cancelled.
template <class T>
struct Producers {
    explicit Producers(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i)
            promises.emplace_back([this, i] { cancelled += std::to_string(i); });
    }
    std::vector<Deferred<T>> deferreds() {
        std::vector<Deferred<T>> all;
        for (auto& promise : promises)
            all.push_back(promise.deferred());
        return all;
    }
    std::vector<Promise<T>> promises;
    std::string cancelled;
};

} // namespace

TEST(Gather, GivesAllValuesInTheOrderOfTheInputs) {
    Producers<int> three(3);
    auto all = gather(three.deferreds());
    three.promises[2].callback(30);
    three.promises[0].callback(10);
    EXPECT_FALSE(all.called());
    three.promises[1].callback(20);
    EXPECT_EQ(successResultOf(std::move(all)), (std::vector<int>{10, 20, 30}));
    EXPECT_EQ(three.cancelled, "");
}

TEST(Gather, OfNothingIsReady) {
    EXPECT_TRUE(successResultOf(gather(std::vector<Deferred<int>>())).empty());
    EXPECT_TRUE(gather(std::vector<Deferred<void>>()).called());
    EXPECT_TRUE(successResultOf(settle(std::vector<Deferred<int>>())).empty());
}

TEST(Gather, OfReadyInputsIsReady) {
    std::vector<Deferred<int>> inputs;
    inputs.push_back(succeed(1));
    inputs.push_back(succeed(2));
    EXPECT_EQ(successResultOf(gather(std::move(inputs))), (std::vector<int>{1, 2}));
}

TEST(Gather, TheFirstFailureIsTheResultAndTheRestIsCancelled) {
    Producers<int> four(4);
    auto all = gather(four.deferreds());
    four.promises[3].callback(1);
    four.promises[1].errback(Broken());
    EXPECT_EQ(four.cancelled, "02");
    failureResultOf<Broken>(std::move(all));
}

TEST(Gather, AReadyFailureCancelsThoseAfterItToo) {
    Producers<int> two(2);
    std::vector<Deferred<int>> inputs = two.deferreds();
    inputs.insert(inputs.begin() + 1, fail<int>(Broken()));
    failureResultOf<Broken>(gather(std::move(inputs)));
    EXPECT_EQ(two.cancelled, "01");
}

TEST(Gather, LaterFailuresAreDropped) {
    const std::size_t before = unhandledErrors();
    std::vector<Deferred<int>> inputs;
    inputs.push_back(fail<int>(Broken()));
    inputs.push_back(fail<int>(Broken()));
    failureResultOf<Broken>(gather(std::move(inputs)));
    EXPECT_EQ(unhandledErrors(), before);
}

TEST(Gather, CancellingItCancelsAll) {
    Producers<int> three(3);
    auto all = gather(three.deferreds());
    three.promises[1].callback(0);
    all.cancel();
    EXPECT_EQ(three.cancelled, "02");
    failureResultOf<CancelledError>(std::move(all));
}

TEST(Gather, OfOperationsThatOnlyEnd) {
    Producers<void> two(2);
    auto all = gather(two.deferreds());
    two.promises[0].callback();
    EXPECT_FALSE(all.called());
    two.promises[1].callback();
    successResultOf(std::move(all));

    Producers<void> bad(2);
    auto failing = gather(bad.deferreds());
    bad.promises[1].errback(Broken());
    EXPECT_EQ(bad.cancelled, "0");
    failureResultOf<Broken>(std::move(failing));
}

TEST(Gather, CarriesWhatCanOnlyBeMoved) {
    std::vector<Deferred<std::unique_ptr<int>>> inputs;
    inputs.push_back(succeed(std::make_unique<int>(1)));
    EXPECT_EQ(*successResultOf(gather(std::move(inputs)))[0], 1);
}

TEST(Settle, GivesEveryOutcomeAndNeverFails) {
    Producers<int> three(3);
    auto all = settle(three.deferreds());
    three.promises[1].errback(Broken());
    three.promises[0].callback(1);
    EXPECT_EQ(three.cancelled, "");
    three.promises[2].callback(3);
    const auto outcomes = successResultOf(std::move(all));
    ASSERT_EQ(outcomes.size(), 3U);
    EXPECT_EQ(outcomes[0].value(), 1);
    EXPECT_TRUE(outcomes[1].failure().check<Broken>());
    EXPECT_EQ(outcomes[2].value(), 3);
}

TEST(Settle, CancelledGivesWhatEachCameTo) {
    Producers<int> two(2);
    auto all = settle(two.deferreds());
    two.promises[0].callback(1);
    all.cancel();
    const auto outcomes = successResultOf(std::move(all));
    EXPECT_TRUE(outcomes[0].ok());
    EXPECT_TRUE(outcomes[1].failure().check<CancelledError>());
}

TEST(Race, TheFirstValueWinsAndTheOthersAreCancelled) {
    Producers<int> three(3);
    auto first = race(three.deferreds());
    three.promises[0].errback(Broken());
    EXPECT_FALSE(first.called());
    three.promises[2].callback(9);
    EXPECT_EQ(three.cancelled, "1");
    EXPECT_EQ(successResultOf(std::move(first)), 9);
}

TEST(Race, AReadyWinnerCancelsThoseAfterItToo) {
    Producers<int> one(1);
    std::vector<Deferred<int>> inputs = one.deferreds();
    inputs.insert(inputs.begin(), succeed(5));
    EXPECT_EQ(successResultOf(race(std::move(inputs))), 5);
    EXPECT_EQ(one.cancelled, "0");
}

TEST(Race, FailsWithTheLastFailureWhenNobodyWins) {
    Producers<int> two(2);
    auto first = race(two.deferreds());
    two.promises[1].errback(std::runtime_error("first to fail"));
    two.promises[0].errback(Broken());
    failureResultOf<Broken>(std::move(first));
}

TEST(Race, CancellingItCancelsAll) {
    Producers<int> two(2);
    auto first = race(two.deferreds());
    first.cancel();
    EXPECT_EQ(two.cancelled, "01");
    failureResultOf<CancelledError>(std::move(first));
}

} // namespace twistdpp
