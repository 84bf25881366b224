#include "unit/words_server/world.h"

#include <gmock/gmock.h>

// Limits by address, and bans of the whole server.

namespace twistdpp::words {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

Address at(const char* text) {
    return *Address::parse(text, 4000);
}

TEST(ArrivalsTest, CountByAddressAndNetwork) {
    ArrivalLimits limits;
    limits.atOnce = 2;
    Arrivals arrivals;
    const TimePoint now{};
    EXPECT_TRUE(arrivals.admit(at("192.0.2.1"), limits, now));
    EXPECT_TRUE(arrivals.admit(at("192.0.2.1"), limits, now));
    EXPECT_FALSE(arrivals.admit(at("192.0.2.1"), limits, now));
    EXPECT_TRUE(arrivals.admit(at("192.0.2.2"), limits, now));
    arrivals.left(at("192.0.2.1"));
    arrivals.left(at("192.0.2.1"));
    EXPECT_TRUE(arrivals.admit(at("192.0.2.1"), limits, now));
    EXPECT_TRUE(arrivals.admit(at("2001:db8::1"), limits, now));
    EXPECT_TRUE(arrivals.admit(at("2001:db8::2"), limits, now));
    EXPECT_FALSE(arrivals.admit(at("2001:db8::3"), limits, now)) << "one /64 is one subscriber";
    EXPECT_TRUE(arrivals.admit(at("2001:db8:0:1::1"), limits, now));
}

TEST(ArrivalsTest, CountByTheMinute) {
    ArrivalLimits limits;
    limits.aMinute = 2;
    Arrivals arrivals;
    const TimePoint now = TimePoint{} + std::chrono::hours(1);
    for (int i = 0; i < 2; ++i) {
        EXPECT_TRUE(arrivals.admit(at("192.0.2.1"), limits, now));
        arrivals.left(at("192.0.2.1"));
    }
    EXPECT_FALSE(arrivals.admit(at("192.0.2.1"), limits, now + std::chrono::seconds(59)));
    EXPECT_TRUE(arrivals.admit(at("192.0.2.1"), limits, now + std::chrono::seconds(60)));
}

TEST(ArrivalsTest, SpareThisMachineAndWhoIsExempt) {
    ArrivalLimits limits;
    limits.atOnce = limits.aMinute = 1;
    limits.exempt = *parsePrefixes("198.51.100.0/24");
    Arrivals arrivals;
    for (int i = 0; i < 5; ++i) {
        EXPECT_TRUE(arrivals.admit(at("127.0.0.1"), limits, {}));
        EXPECT_TRUE(arrivals.admit(at("::1"), limits, {}));
        EXPECT_TRUE(arrivals.admit(at("198.51.100.7"), limits, {}));
    }
}

class Bans : public World {
protected:
    Bans() : root(user("root")) { root.send("OPER root secret"); }
    Peer& root;
};

TEST_F(Bans, EndWhoFitsAndKeepThemOut) {
    Peer& ann = user("ann");
    Peer& bob = user("bob");
    root.take();
    root.send("KLINE ann@127.0.0.* :rude");
    EXPECT_THAT(root.take(), HasSubstr("root banned ann@127.0.0.*: rude"));
    EXPECT_THAT(ann.take(), HasSubstr("(Banned: rude)"));
    EXPECT_EQ(bob.ask("PING x"), ":srv PONG srv :x\n");
    Peer& again = connect();
    again.send("NICK ann2", "USER ann 0 * :A");
    EXPECT_THAT(again.take(), ContainsRegex(":srv 465 ann2 :You are banned from this server: rude\nERROR "));
    EXPECT_THAT(root.ask("STATS k"), ContainsRegex(" 216 root K ann@127.0.0.. root . :rude\n"));
    EXPECT_THAT(bob.ask("STATS k"), HasSubstr(" 481 "));
    root.send("UNKLINE ann@127.0.0.*");
    Peer& free = connect();
    free.send("NICK ann3", "USER ann 0 * :A");
    EXPECT_THAT(free.take(), HasSubstr(" 001 ann3 "));
}

TEST_F(Bans, OfANetworkAndForSomeTime) {
    root.send("KLINE 5 127.0.0.0/8 :all of you");
    Peer& ann = connect();
    ann.send("NICK ann", "USER ann 0 * :A");
    EXPECT_THAT(ann.take(), HasSubstr(" 465 "));
    EXPECT_EQ(server->users().size(), 1U) << "operators are spared";
    EXPECT_THAT(root.ask("STATS k"), ContainsRegex("K .@127.0.0.0/8 root 20[0-9]+-"));
    server->store().bans().expire(unixTime() + 301);
    Peer& later = connect();
    later.send("NICK ann", "USER ann 0 * :A");
    EXPECT_THAT(later.take(), HasSubstr(" 001 ann "));
}

TEST_F(Bans, MayNotBeOfEveryone) {
    root.send("CAP REQ standard-replies");
    root.take();
    EXPECT_THAT(root.ask("KLINE *@* :x"), HasSubstr("FAIL KLINE INVALID_MASK *@* :"));
    EXPECT_THAT(root.ask("KLINE *@1.2.3.4/99 :x"), HasSubstr("INVALID_MASK"));
    EXPECT_THAT(root.ask("UNKLINE a@b"), HasSubstr("FAIL UNKLINE NO_SUCH_BAN a@b :"));
    EXPECT_THAT(user("ann").ask("KLINE a@b :x"), HasSubstr(" 481 "));
}

TEST_F(Bans, AlsoOfAHostThatIsNotShown) {
    Peer& ann = user("ann");
    root.send("CHGHOST ann hidden.example");
    root.send("KLINE *@127.0.0.1 :x");
    EXPECT_THAT(ann.take(), HasSubstr("(Banned: x)"));
}

} // namespace
} // namespace twistdpp::words
