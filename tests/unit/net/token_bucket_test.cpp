#include "twistdpp/net/token_bucket.h"

#include <gtest/gtest.h>

namespace twistdpp {

namespace {

using namespace std::chrono_literals;
const TimePoint start{1h};

} // namespace

TEST(TokenBucket, BeginsFull) {
    const TokenBucket bucket(10, 3);
    EXPECT_EQ(bucket.available(start), 3U);
    EXPECT_EQ(TokenBucket(10).available(start), 10U) << "one second's worth unless told otherwise";
}

TEST(TokenBucket, FillsAtItsRateUpToTheBurst) {
    TokenBucket bucket(10, 3);
    bucket.take(3, start);
    EXPECT_EQ(bucket.available(start), 0U);
    EXPECT_EQ(bucket.untilAvailable(1, start), 100ms + 1ns);
    EXPECT_EQ(bucket.available(start + 100ms), 1U);
    EXPECT_EQ(bucket.available(start + 10s), 3U);
    EXPECT_EQ(bucket.untilAvailable(3, start + 300ms), 0s);
}

TEST(TokenBucket, WhatWasOverdrawnIsWaitedFor) {
    TokenBucket bucket(10, 1);
    bucket.take(21, start);
    EXPECT_EQ(bucket.available(start + 2s), 0U);
    EXPECT_EQ(bucket.available(start + 2100ms), 1U);
    EXPECT_EQ(bucket.untilAvailable(1, start), 2100ms + 1ns);
}

TEST(TokenBucket, MoreThanTheBurstIsNeverWaitedFor) {
    TokenBucket bucket(10, 2);
    bucket.take(2, start);
    EXPECT_EQ(bucket.untilAvailable(1000, start), 200ms + 1ns);
}

TEST(TokenBucket, AnEnormousDebtIsNoOverflow) {
    TokenBucket bucket(1);
    bucket.take(UINT64_MAX, start);
    EXPECT_EQ(bucket.available(start), 0U);
    EXPECT_GT(bucket.untilAvailable(1, start), 24h);
}

} // namespace twistdpp
