// Datagrams on a network that loses, doubles and reorders them.
#include "twistdpp/sim/sim_reactor.h"

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

namespace twistdpp {

namespace {

using std::chrono::seconds;

class Inbox final : public DatagramProtocol {
public:
    void datagramReceived(Bytes data, const Address& from) override {
        received.emplace_back(data);
        sender = from;
    }
    std::vector<std::string> received;
    Address sender;
};

class SimDatagrams : public testing::Test {
protected:
    /// Sends "0" to "99" and returns what came.
    std::vector<std::string> sendHundred() {
        for (int i = 0; i < 100; ++i)
            from->write(std::to_string(i), to->address());
        reactor.advance(seconds(1));
        return inbox.received;
    }

    SimReactor reactor;
    Inbox inbox;
    Inbox own;
    std::unique_ptr<DatagramPort> to = reactor.listenUDP(53, inbox, "127.0.0.1");
    std::unique_ptr<DatagramPort> from = reactor.listenUDP(0, own, "127.0.0.1");
};

bool ordered(const std::vector<std::string>& numbers) {
    for (std::size_t i = 1; i < numbers.size(); ++i) {
        if (std::stoi(numbers[i - 1]) > std::stoi(numbers[i]))
            return false;
    }
    return true;
}

} // namespace

TEST_F(SimDatagrams, ArriveInOrderByDefault) {
    EXPECT_EQ(sendHundred().size(), 100U);
    EXPECT_TRUE(ordered(inbox.received));
    EXPECT_EQ(inbox.sender, from->address());
}

TEST_F(SimDatagrams, AreLostByChance) {
    reactor.options().loss = 0.5;
    const auto received = sendHundred();
    EXPECT_GT(received.size(), 20U);
    EXPECT_LT(received.size(), 80U);
    EXPECT_TRUE(ordered(received));
}

TEST_F(SimDatagrams, ArriveTwiceByChance) {
    reactor.options().duplicate = 0.5;
    const auto received = sendHundred();
    EXPECT_GT(received.size(), 120U);
    EXPECT_LT(received.size(), 180U);
}

TEST_F(SimDatagrams, OvertakeEachOtherByChance) {
    reactor.options().reorder = 0.5;
    const auto received = sendHundred();
    EXPECT_EQ(received.size(), 100U);
    EXPECT_FALSE(ordered(received));
}

TEST_F(SimDatagrams, GoNowhereWhenNobodyIsThere) {
    from->write("x", Address::loopback(9999));
    reactor.setUnreachable(Address::loopback(53));
    from->write("x", to->address());
    reactor.advance(seconds(1));
    EXPECT_TRUE(inbox.received.empty());
    EXPECT_EQ(from->dropped(), 0U);
}

TEST_F(SimDatagrams, ThatAreTooLargeAreDropped) {
    from->write(std::string(65507, 'x'), to->address());
    from->write(std::string(65508, 'x'), to->address());
    reactor.advance(seconds(1));
    EXPECT_EQ(inbox.received.size(), 1U);
    EXPECT_EQ(from->dropped(), 1U);
}

TEST_F(SimDatagrams, ToAGroupReachItsMembers) {
    const Address group = Address::parse("224.0.0.251", 53).value();
    from->write("nobody", group);
    ASSERT_TRUE(to->joinGroup(group).ok());
    from->write("member", group);
    ASSERT_TRUE(to->leaveGroup(group).ok());
    from->write("left", group);
    reactor.advance(seconds(1));
    EXPECT_EQ(inbox.received, std::vector<std::string>{"member"});
    EXPECT_FALSE(to->leaveGroup(group).ok());
    EXPECT_FALSE(to->joinGroup(Address::loopback(0)).ok());
}

TEST_F(SimDatagrams, ToAllNeedAPermission) {
    const Address everyone = Address::parse("255.255.255.255", 53).value();
    from->write("forbidden", everyone);
    EXPECT_EQ(from->dropped(), 1U);
    ASSERT_TRUE(from->setBroadcast(true).ok());
    from->write("allowed", everyone);
    reactor.advance(seconds(1));
    EXPECT_EQ(inbox.received, std::vector<std::string>{"allowed"});
}

} // namespace twistdpp
