#include "twistdpp/net/policy.h"

#include "unit/net/doubles.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

namespace twistdpp {

namespace {

using namespace std::chrono_literals;
using test::FakePort;
using test::FakeTransport;
using test::ManualReactor;

/// Writes down what it is told.
class Recorder : public Protocol {
public:
    explicit Recorder(std::vector<Recorder*>& all) { all.push_back(this); }
    void dataReceived(Bytes data) override { got.append(data); }
    void writable() override { ++writableCalls; }
    std::string got;
    int writableCalls = 0;
};

class PolicyTest : public testing::Test {
protected:
    void begin(const PolicyLimits& limits) {
        policy = std::make_shared<ConnectionPolicy>(reactor, limits);
        factory =
            policy->apply(makeFactory([this](const Address&) { return std::make_unique<Recorder>(made); }));
        auto port = std::make_unique<FakePort>(Address::loopback(80), factory);
        lowerPort = port.get();
        guarded = policy->guard(std::move(port));
    }
    std::unique_ptr<FakeTransport> client(const char* from = "192.0.2.1") {
        return std::make_unique<FakeTransport>(reactor, from);
    }
    /// A connection that was let in.
    std::unique_ptr<FakeTransport> open(const char* from = "192.0.2.1") {
        auto transport = client(from);
        EXPECT_TRUE(transport->accept(*factory));
        return transport;
    }
    bool letsIn(const char* from) { return client(from)->accept(*factory); }
    const PolicyCounters& counters() { return policy->counters(); }

    ManualReactor reactor;
    std::vector<Recorder*> made;
    std::shared_ptr<ConnectionPolicy> policy;
    std::shared_ptr<Factory> factory;
    FakePort* lowerPort = nullptr;
    std::unique_ptr<Port> guarded;
};

} // namespace

TEST_F(PolicyTest, WithoutLimitsEverythingPasses) {
    begin(PolicyLimits());
    auto transport = open();
    transport->deliver("abc");
    made[0]->transport().write("xyz");
    EXPECT_EQ(made[0]->got, "abc");
    EXPECT_EQ(transport->sent(), "xyz");
    EXPECT_EQ(counters().bytesRead, 3U);
    EXPECT_EQ(counters().bytesWritten, 3U);
    reactor.advance(24h);
    EXPECT_FALSE(transport->closing());
}

TEST_F(PolicyTest, AtTheTotalLimitThePortPauses) {
    PolicyLimits limits;
    limits.maxConnections = 2;
    begin(limits);
    auto first = open();
    EXPECT_FALSE(lowerPort->paused);
    auto second = open();
    EXPECT_TRUE(lowerPort->paused);
    EXPECT_FALSE(letsIn("192.0.2.1")) << "what a port had accepted already is refused";
    EXPECT_EQ(counters().refusedTotal, 1U);
    first->lose(ConnectionDone());
    EXPECT_FALSE(lowerPort->paused);
    EXPECT_EQ(counters().open, 1U);
    EXPECT_EQ(counters().acceptPauses, 1U);
}

TEST_F(PolicyTest, APortThatItsOwnerPausedStaysPaused) {
    PolicyLimits limits;
    limits.maxConnections = 1;
    begin(limits);
    auto first = open();
    guarded->pauseAccepting();
    first->lose(ConnectionDone());
    EXPECT_TRUE(lowerPort->paused);
    auto second = open();
    guarded->resumeAccepting();
    EXPECT_TRUE(lowerPort->paused) << "now for the policy's sake";
    second->lose(ConnectionDone());
    EXPECT_FALSE(lowerPort->paused);
}

TEST_F(PolicyTest, OneAddressMayHoldSoManyConnections) {
    PolicyLimits limits;
    limits.maxPerAddress = 1;
    begin(limits);
    auto first = open("192.0.2.1");
    EXPECT_FALSE(letsIn("192.0.2.1"));
    EXPECT_TRUE(letsIn("192.0.2.2"));
    EXPECT_EQ(counters().refusedByAddress, 1U);
    first->lose(ConnectionDone());
    EXPECT_TRUE(letsIn("192.0.2.1"));
}

TEST_F(PolicyTest, OneNetworkMayHoldSoManyConnections) {
    PolicyLimits limits;
    limits.maxPerPrefix = 1;
    begin(limits);
    auto first = open("2001:db8:0:1::1");
    EXPECT_FALSE(letsIn("2001:db8:0:1:ffff::2"));
    EXPECT_TRUE(letsIn("2001:db8:0:2::1"));
    auto second = open("192.0.2.1");
    EXPECT_FALSE(letsIn("192.0.2.99"));
    EXPECT_TRUE(letsIn("192.0.3.1"));
    EXPECT_EQ(counters().refusedByPrefix, 2U);
}

TEST_F(PolicyTest, ARefusalByTheFactoryIsNotCounted) {
    begin(PolicyLimits());
    const auto refusing =
        policy->apply(makeFactory([](const Address&) -> std::unique_ptr<Protocol> { return nullptr; }));
    EXPECT_FALSE(client()->accept(*refusing));
    EXPECT_EQ(counters().open, 0U);
    EXPECT_EQ(counters().accepted, 0U);
}

TEST_F(PolicyTest, AboveTheAcceptRateThePortPausesForAWhile) {
    PolicyLimits limits;
    limits.acceptsPerSecond = 10;
    limits.acceptBurst = 2;
    begin(limits);
    auto first = open();
    EXPECT_FALSE(lowerPort->paused);
    auto second = open();
    EXPECT_TRUE(lowerPort->paused);
    EXPECT_FALSE(letsIn("192.0.2.1"));
    EXPECT_EQ(counters().refusedByRate, 1U);
    reactor.advance(101ms);
    EXPECT_FALSE(lowerPort->paused);
    auto third = open();
    EXPECT_TRUE(lowerPort->paused);
}

TEST_F(PolicyTest, AConnectionThatTheFactoryRefusedWasAcceptedAllTheSame) {
    PolicyLimits limits;
    limits.acceptsPerSecond = 1;
    begin(limits);
    auto refusing =
        policy->apply(makeFactory([](const Address&) -> std::unique_ptr<Protocol> { return nullptr; }));
    EXPECT_FALSE(client()->accept(*refusing));
    EXPECT_TRUE(lowerPort->paused) << "the next one waits in the backlog and is not closed";
    reactor.advance(1001ms);
    EXPECT_FALSE(lowerPort->paused);
    EXPECT_EQ(counters().refusedByRate, 0U);
}

TEST_F(PolicyTest, APeerMustBeginInTime) {
    PolicyLimits limits;
    limits.handshakeTimeout = 10s;
    begin(limits);
    auto silent = open();
    auto talking = open();
    reactor.advance(9s);
    talking->deliver("x");
    EXPECT_FALSE(silent->closing());
    reactor.advance(1s);
    EXPECT_TRUE(silent->losing);
    EXPECT_FALSE(talking->closing());
    EXPECT_EQ(counters().handshakeTimeouts, 1U);
}

TEST_F(PolicyTest, TrafficInEitherDirectionKeepsAConnectionAlive) {
    PolicyLimits limits;
    limits.idleTimeout = 10s;
    begin(limits);
    auto transport = open();
    for (int i = 0; i < 5; ++i) {
        reactor.advance(6s);
        transport->deliver("x");
        reactor.advance(6s);
        made[0]->transport().write("y");
    }
    EXPECT_FALSE(transport->closing());
    reactor.advance(9s);
    EXPECT_FALSE(transport->closing());
    reactor.advance(1s);
    EXPECT_TRUE(transport->losing);
    EXPECT_EQ(counters().idleTimeouts, 1U);
}

TEST_F(PolicyTest, AnIdlePeerThatDoesNotReadIsCutOff) {
    PolicyLimits limits;
    limits.idleTimeout = 10s;
    begin(limits);
    auto transport = open();
    transport->queuedBytes = 1;
    reactor.advance(10s);
    EXPECT_FALSE(transport->losing);
    ASSERT_TRUE(transport->aborted);
    EXPECT_EQ(*transport->aborted, "connection aborted: idle for too long");
}

TEST_F(PolicyTest, ALifetimeEndsInTheMiddleOfTraffic) {
    PolicyLimits limits;
    limits.idleTimeout = 2s;
    limits.lifetime = 10s;
    begin(limits);
    auto transport = open();
    for (int i = 0; i < 10; ++i) {
        EXPECT_FALSE(transport->closing());
        transport->deliver("x");
        reactor.advance(1s);
    }
    EXPECT_TRUE(transport->losing);
    EXPECT_EQ(counters().lifetimeTimeouts, 1U);
}

TEST_F(PolicyTest, ReadingPausesAboveTheRate) {
    PolicyLimits limits;
    limits.readBytesPerSecond = 1000;
    begin(limits);
    auto transport = open();
    transport->deliver(std::string(999, 'x'));
    EXPECT_FALSE(transport->paused);
    transport->deliver(std::string(501, 'x'));
    EXPECT_TRUE(transport->paused);
    EXPECT_EQ(made[0]->got.size(), 1500U) << "what has come is never held back";
    reactor.advance(500ms);
    EXPECT_TRUE(transport->paused);
    reactor.advance(2ms);
    EXPECT_FALSE(transport->paused);
}

TEST_F(PolicyTest, TwoReasonsToPauseAreBothWaitedFor) {
    PolicyLimits limits;
    limits.readBytesPerSecond = 1000;
    begin(limits);
    auto transport = open();
    transport->deliver(std::string(1000, 'x'));
    made[0]->transport().pauseProducing();
    reactor.advance(1s);
    EXPECT_TRUE(transport->paused);
    made[0]->transport().resumeProducing();
    EXPECT_FALSE(transport->paused);
}

TEST_F(PolicyTest, WritesAboveTheRateLeaveLaterAndInOrder) {
    PolicyLimits limits;
    limits.writeBytesPerSecond = 1000;
    begin(limits);
    auto transport = open();
    Transport& upper = made[0]->transport();
    upper.write(std::string(900, 'a'));
    upper.write(Buffer(std::string(600, 'b')));
    upper.writeFile(FileRange(std::make_shared<const UniqueFd>(), 0, 500));
    EXPECT_EQ(transport->sent(), std::string(900, 'a') + std::string(100, 'b'));
    EXPECT_EQ(upper.queued(), 1000U);
    std::string later;
    for (int i = 0; i < 4; ++i) {
        reactor.advance(251ms);
        later += transport->sent();
    }
    EXPECT_EQ(upper.queued(), 0U);
    EXPECT_EQ(std::count(later.begin(), later.end(), 'b'), 500);
    EXPECT_NE(later.find("<file "), std::string::npos);
    EXPECT_EQ(counters().bytesWritten, 2000U);
}

TEST_F(PolicyTest, ClosingWaitsForWhatIsHeldBack) {
    PolicyLimits limits;
    limits.writeBytesPerSecond = 1000;
    begin(limits);
    auto transport = open();
    Transport& upper = made[0]->transport();
    upper.write(std::string(1500, 'a'));
    upper.loseConnection();
    EXPECT_TRUE(upper.closing());
    EXPECT_FALSE(transport->losing);
    upper.write("too late");
    transport->deliver("too late as well");
    EXPECT_EQ(made[0]->got, "");
    reactor.advance(1s);
    EXPECT_TRUE(transport->losing);
    EXPECT_EQ(transport->sent(), std::string(1500, 'a'));
}

TEST_F(PolicyTest, BackpressureCountsWhatIsHeldBack) {
    PolicyLimits limits;
    limits.writeBytesPerSecond = 1000;
    begin(limits);
    auto transport = open();
    Transport& upper = made[0]->transport();
    WriteLimits marks;
    marks.high = 2000;
    marks.low = 500;
    upper.setWriteLimits(marks);
    upper.write(std::string(4000, 'a'));
    EXPECT_TRUE(transport->paused);
    auto drained = upper.drained();
    reactor.advance(2s);
    EXPECT_FALSE(drained.called());
    reactor.advance(600ms);
    EXPECT_TRUE(drained.called());
    EXPECT_FALSE(transport->paused);
    EXPECT_EQ(made[0]->writableCalls, 1);
}

TEST_F(PolicyTest, TheHardLimitHoldsForWhatIsHeldBack) {
    PolicyLimits limits;
    limits.writeBytesPerSecond = 10;
    begin(limits);
    auto transport = open();
    Transport& upper = made[0]->transport();
    WriteLimits marks;
    marks.hard = 100;
    upper.setWriteLimits(marks);
    upper.write(std::string(101, 'a'));
    ASSERT_TRUE(transport->aborted);
    EXPECT_NE(transport->aborted->find("more than 100 bytes wait to be sent"), std::string::npos);
}

TEST_F(PolicyTest, WhoWaitsForHeldBackDataLearnsOfTheEnd) {
    PolicyLimits limits;
    limits.writeBytesPerSecond = 1;
    begin(limits);
    auto transport = open();
    made[0]->transport().write(std::string(100000, 'a'));
    auto drained = made[0]->transport().drained();
    transport->lose(ConnectionLost());
    ASSERT_TRUE(drained.called());
    EXPECT_TRUE(std::move(drained).take().failure().check<ConnectionLost>());
}

TEST_F(PolicyTest, AProtocolCanBeSwitchedUnderThePolicy) {
    PolicyLimits limits;
    limits.readBytesPerSecond = 10;
    begin(limits);
    auto transport = open();
    const auto old = made[0]->transport().switchProtocol(std::make_unique<Recorder>(made));
    transport->deliver("0123456789");
    EXPECT_EQ(made[0]->got, "");
    EXPECT_EQ(made[1]->got, "0123456789");
    EXPECT_TRUE(transport->paused);
}

} // namespace twistdpp
