#include "twistdpp/dns_server/rate_limiter.h"

#include <gtest/gtest.h>

namespace twistdpp::dns {
namespace {

using Verdict = RateLimiter::Verdict;

Address at(const char* text) {
    return Address::parse(text, 4000).value();
}

TEST(RateLimiter, letsSoManyLikeAnswersASecondPass) {
    RateLimiter limiter(3);
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(limiter.check(at("192.0.2.1"), 7, 100), Verdict::send);
    EXPECT_EQ(limiter.check(at("192.0.2.99"), 7, 100), Verdict::drop) << "the same network";
    EXPECT_EQ(limiter.check(at("192.0.2.1"), 7, 100), Verdict::truncate)
        << "every second one may come back by TCP";
    EXPECT_EQ(limiter.check(at("192.0.2.1"), 8, 100), Verdict::send) << "another answer";
    EXPECT_EQ(limiter.check(at("198.51.100.1"), 7, 100), Verdict::send) << "another network";
    EXPECT_EQ(limiter.check(at("192.0.2.1"), 7, 102), Verdict::send) << "a later time";
}

TEST(RateLimiter, aFloodIsNotGivenAFreshStartEverySecond) {
    RateLimiter limiter(10);
    for (int i = 0; i < 100; ++i)
        limiter.check(at("192.0.2.1"), 7, 100);
    int sent = 0;
    for (int i = 0; i < 100; ++i)
        sent += limiter.check(at("192.0.2.1"), 7, 101) == Verdict::send;
    EXPECT_EQ(sent, 5);
}

TEST(RateLimiter, loopbackAndNoLimitAreNotLimited) {
    RateLimiter limiter(1), none(0);
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(limiter.check(at("127.0.0.1"), 7, 100), Verdict::send);
        EXPECT_EQ(none.check(at("192.0.2.1"), 7, 100), Verdict::send);
    }
    EXPECT_FALSE(none.active());
}

} // namespace
} // namespace twistdpp::dns
