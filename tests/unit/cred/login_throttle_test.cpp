#include "twistdpp/cred/login_throttle.h"

#include "unit/cred/hand_reactor.h"

#include <gtest/gtest.h>

namespace twistdpp {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

class LoginThrottleTest : public testing::Test {
protected:
    LoginThrottleTest() {
        limits_.pairFailures = 4;
        limits_.clientFailures = 10;
        limits_.entries = 100;
        throttle_ = LoginThrottle(limits_);
    }
    // One wrong guess from beginning to end; nothing when it was not looked at.
    std::optional<Duration> guess(const Address& client, Bytes user) {
        if (throttle_.begin(client, user, now_) > Duration::zero())
            return std::nullopt;
        return throttle_.failed(client, user, now_);
    }
    static Address at(const char* text) { return *Address::parse(text, 1); }

    LoginLimits limits_;
    LoginThrottle throttle_;
    TimePoint now_{std::chrono::hours(100)};
    Address client_ = at("192.0.2.1");
};

} // namespace

TEST_F(LoginThrottleTest, AnswersLaterWithEachFailureAndThenNotAtAll) {
    EXPECT_EQ(guess(client_, "alice"), milliseconds(500));
    EXPECT_EQ(guess(client_, "alice"), seconds(1));
    EXPECT_EQ(guess(client_, "alice"), seconds(2));
    EXPECT_EQ(guess(client_, "alice"), seconds(4));
    EXPECT_EQ(guess(client_, "alice"), std::nullopt);
    EXPECT_EQ(throttle_.begin(client_, "alice", now_), minutes(5));
    EXPECT_EQ(guess(client_, "bob"), milliseconds(500)) << "another user is not locked out";
    EXPECT_EQ(guess(at("192.0.2.2"), "alice"), milliseconds(500)) << "nor the same user elsewhere";
}

TEST_F(LoginThrottleTest, ALockoutEndsAndTheNextIsLonger) {
    for (int i = 0; i < 4; ++i)
        guess(client_, "alice");
    now_ += minutes(5);
    for (int i = 0; i < 4; ++i)
        EXPECT_TRUE(guess(client_, "alice"));
    EXPECT_EQ(throttle_.begin(client_, "alice", now_), minutes(10));
}

TEST_F(LoginThrottleTest, AClientThatIsLockedOutPushesNobodysRecordOut) {
    const Address other = at("198.51.100.9");
    for (int i = 0; i < 4; ++i)
        guess(other, "alice");
    for (int i = 0; i < 10; ++i)
        guess(client_, "user" + std::to_string(i));
    const auto before = throttle_.remembered();
    for (int i = 0; i < 1000; ++i)
        EXPECT_EQ(guess(client_, "name" + std::to_string(i)), std::nullopt);
    EXPECT_EQ(throttle_.remembered(), before);
    EXPECT_EQ(guess(other, "alice"), std::nullopt) << "still locked out";
}

TEST_F(LoginThrottleTest, OldFailuresDoNotCount) {
    guess(client_, "alice");
    guess(client_, "alice");
    now_ += std::chrono::hours(1);
    EXPECT_EQ(guess(client_, "alice"), milliseconds(500));
}

TEST_F(LoginThrottleTest, ASuccessClearsThePairAndNotTheClient) {
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 3; ++i)
            ASSERT_TRUE(guess(client_, "alice"));
        ASSERT_EQ(throttle_.begin(client_, "alice", now_), Duration::zero());
        throttle_.succeeded(client_, "alice");
    }
    EXPECT_EQ(guess(client_, "alice"), milliseconds(500));
    EXPECT_EQ(guess(client_, "bob"), std::nullopt) << "ten failures in all";
}

TEST_F(LoginThrottleTest, OneClientCannotTryManyUsers) {
    for (int i = 0; i < 10; ++i)
        EXPECT_TRUE(guess(client_, "user" + std::to_string(i)));
    EXPECT_EQ(guess(client_, "alice"), std::nullopt);
    EXPECT_TRUE(guess(at("192.0.2.2"), "alice"));
}

TEST_F(LoginThrottleTest, TriesUnderWayCount) {
    guess(client_, "alice");
    int looked = 0;
    for (int i = 0; i < 50; ++i)
        looked += throttle_.begin(client_, "alice", now_) == Duration::zero() ? 1 : 0;
    EXPECT_EQ(looked, 3);
    throttle_.abandoned(client_, "alice");
    EXPECT_EQ(throttle_.begin(client_, "alice", now_), Duration::zero());
}

TEST_F(LoginThrottleTest, WhoNeverFailedMayComeManyTimesAtOnce) {
    for (int i = 0; i < 16; ++i)
        EXPECT_EQ(throttle_.begin(client_, "alice", now_), Duration::zero());
    EXPECT_GT(throttle_.begin(client_, "alice", now_), Duration::zero());
    for (int i = 0; i < 16; ++i)
        throttle_.succeeded(client_, "alice");
    EXPECT_EQ(throttle_.begin(client_, "alice", now_), Duration::zero());
}

TEST_F(LoginThrottleTest, AnIpv6ClientIsItsNetwork) {
    for (int i = 0; i < 4; ++i)
        guess(at(("2001:db8::" + std::to_string(i)).c_str()), "alice");
    EXPECT_EQ(guess(at("2001:db8::ffff"), "alice"), std::nullopt);
    EXPECT_TRUE(guess(at("2001:db8:0:1::1"), "alice"));
}

TEST_F(LoginThrottleTest, RemembersSoManyAndNoMore) {
    for (int i = 0; i < 1000; ++i)
        guess(
            at(("192.0." + std::to_string(i / 250) + "." + std::to_string(i % 250)).c_str()),
            std::string(1000, 'x')
        );
    EXPECT_EQ(throttle_.remembered(), 200U);
    EXPECT_EQ(guess(at("192.0.3.249"), std::string(1000, 'x')), seconds(1)) << "the last one is still known";
}

TEST(LoginThrottle, IsSharedByAllServicesOfAReactor) {
    test::HandReactor one, other;
    const auto shared = LoginThrottle::of(one);
    EXPECT_EQ(shared, LoginThrottle::of(one));
    EXPECT_NE(shared, LoginThrottle::of(other));
}

} // namespace twistdpp
