// RFC 8305 in virtual time: which address is tried when, and who wins.
#include "support/results.h"
#include "twistdpp/reactor/connect_host.h"
#include "twistdpp/reactor/errors.h"
#include "twistdpp/sim/sim_reactor.h"

#include <cmath>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

namespace twistdpp {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class Quiet final : public Protocol {
    void dataReceived(Bytes) override {}
};

Address ip(const char* text, std::uint16_t port = 0) {
    return Address::parse(text, port).value();
}

SimOptions traced() {
    SimOptions options = SimOptions::calm(); // every way takes one millisecond
    options.trace = true;
    return options;
}

class ConnectHostTest : public testing::Test {
protected:
    std::unique_ptr<Port> listenOn(const char* address) {
        return std::move(reactor.listen(ListenSpec(ip(address, 80)), makeFactory<Quiet>())).value();
    }
    Deferred<Transport*> connect(ConnectHostOptions options = {}) {
        return connectHost(reactor, "host.test", 80, client, options);
    }
    /// When, in milliseconds after the look-up, which addresses were tried.
    std::vector<std::string> attempts() const {
        std::vector<std::string> found;
        std::size_t at = 0;
        const std::string& trace = reactor.trace();
        for (std::size_t end = 0; (end = trace.find('\n', at)) != std::string::npos; at = end + 1) {
            const std::string line = trace.substr(at, end - at);
            const auto word = line.find(" connect ");
            if (word == std::string::npos || word != line.find(' '))
                continue;
            const long after = std::lround(std::stod(line.substr(0, word)) * 1000) - 1;
            found.push_back(std::to_string(after) + " " + line.substr(word + 9));
        }
        return found;
    }

    SimReactor reactor{traced()};
    int built = 0;
    std::shared_ptr<Factory> client = makeFactory([this](const Address&) {
        ++built;
        return std::make_unique<Quiet>();
    });
};

using Attempts = std::vector<std::string>;

} // namespace

TEST_F(ConnectHostTest, ConnectsToANumericAddress) {
    const auto port = listenOn("127.0.0.1");
    auto connecting = connectHost(reactor, "127.0.0.1", 80, client);
    reactor.advance(seconds(1));
    EXPECT_EQ(successResultOf(std::move(connecting))->peer(), ip("127.0.0.1", 80));
    EXPECT_EQ(built, 1);
}

TEST_F(ConnectHostTest, TriesTheNextAtOnceWhenOneFails) {
    reactor.setHost("host.test", {ip("2001:db8::1"), ip("192.0.2.1")});
    const auto port = listenOn("192.0.2.1");
    auto connecting = connect();
    reactor.advance(seconds(1));
    EXPECT_EQ(attempts(), (Attempts{"0 [2001:db8::1]:80", "2 192.0.2.1:80"}));
    EXPECT_EQ(successResultOf(std::move(connecting))->peer(), ip("192.0.2.1", 80));
    EXPECT_EQ(built, 1);
}

TEST_F(ConnectHostTest, InterleavesTheFamiliesAQuarterSecondApart) {
    reactor.setHost(
        "host.test",
        {ip("2001:db8::1"), ip("2001:db8::2"), ip("2001:db8::3"), ip("192.0.2.1"), ip("192.0.2.2")}
    );
    for (const char* dead : {"2001:db8::1", "2001:db8::2", "2001:db8::3", "192.0.2.1", "192.0.2.2"})
        reactor.setUnreachable(ip(dead));
    auto connecting = connect();
    reactor.advance(seconds(5));
    EXPECT_EQ(
        attempts(), (Attempts{
                        "0 [2001:db8::1]:80", "250 192.0.2.1:80", "500 [2001:db8::2]:80", "750 192.0.2.2:80",
                        "1000 [2001:db8::3]:80"})
    );
    EXPECT_FALSE(connecting.called());
    reactor.advance(seconds(30));
    failureResultOf<ConnectTimeoutError>(std::move(connecting));
    EXPECT_EQ(built, 0);
}

TEST_F(ConnectHostTest, TheWinnerCancelsTheOthers) {
    reactor.setHost("host.test", {ip("2001:db8::1"), ip("192.0.2.1"), ip("192.0.2.2")});
    reactor.setUnreachable(ip("2001:db8::1"));
    const auto port = listenOn("192.0.2.1");
    auto connecting = connect();
    reactor.advance(milliseconds(260));
    EXPECT_TRUE(connecting.called());
    EXPECT_EQ(successResultOf(std::move(connecting))->peer(), ip("192.0.2.1", 80));
    EXPECT_TRUE(reactor.runUntilIdle());
    EXPECT_LT(reactor.elapsed(), seconds(1)) << "neither timers nor attempts stay behind";
    EXPECT_EQ(attempts().size(), 2U);
}

TEST_F(ConnectHostTest, FailsWithTheLastErrorWhenNoAddressAnswers) {
    reactor.setHost("host.test", {ip("192.0.2.1"), ip("192.0.2.2")});
    auto connecting = connect();
    reactor.advance(seconds(1));
    const Failure failure = failureResultOf<ConnectionRefusedError>(std::move(connecting));
    EXPECT_NE(failure.message().find("192.0.2.2:80"), std::string::npos) << failure.message();
}

TEST_F(ConnectHostTest, FailsWhenTheNameIsUnknown) {
    auto connecting = connect();
    reactor.advance(seconds(1));
    const Failure failure = failureResultOf<DNSLookupError>(std::move(connecting));
    EXPECT_NE(failure.message().find("host.test"), std::string::npos);
    EXPECT_TRUE(reactor.runUntilIdle());
}

TEST_F(ConnectHostTest, LooksUpTheFamilyItIsToldTo) {
    reactor.setHost("host.test", {ip("2001:db8::1"), ip("192.0.2.1")});
    const auto port = listenOn("192.0.2.1");
    ConnectHostOptions options;
    options.family = Family::ipv4;
    auto connecting = connect(options);
    reactor.advance(seconds(1));
    EXPECT_EQ(attempts(), Attempts{"0 192.0.2.1:80"});
    successResultOf(std::move(connecting));
}

TEST_F(ConnectHostTest, TheTimeoutCoversAllAttempts) {
    reactor.setHost("host.test", {ip("192.0.2.1"), ip("192.0.2.2")});
    reactor.setUnreachable(ip("192.0.2.1"));
    reactor.setUnreachable(ip("192.0.2.2"));
    ConnectHostOptions options;
    options.timeout = seconds(3);
    auto connecting = connect(options);
    reactor.advance(milliseconds(2999));
    EXPECT_FALSE(connecting.called());
    reactor.advance(milliseconds(1));
    const Failure failure = failureResultOf<ConnectTimeoutError>(std::move(connecting));
    EXPECT_NE(failure.message().find("host.test:80"), std::string::npos) << failure.message();
    EXPECT_TRUE(reactor.runUntilIdle());
    EXPECT_EQ(reactor.elapsed(), seconds(3));
}

TEST_F(ConnectHostTest, CancellingStopsEverything) {
    reactor.setHost("host.test", {ip("192.0.2.1"), ip("192.0.2.2")});
    reactor.setUnreachable(ip("192.0.2.1"));
    auto during = connect();
    reactor.advance(milliseconds(100));
    during.cancel();
    failureResultOf<CancelledError>(std::move(during));
    EXPECT_TRUE(reactor.runUntilIdle());
    EXPECT_EQ(attempts().size(), 1U);

    auto lookingUp = connect();
    lookingUp.cancel();
    failureResultOf<CancelledError>(std::move(lookingUp));
    EXPECT_TRUE(reactor.runUntilIdle());
    EXPECT_EQ(attempts().size(), 1U);
    EXPECT_EQ(built, 0);
}

TEST_F(ConnectHostTest, BindsToTheAddressItIsGiven) {
    const auto port = listenOn("127.0.0.1");
    ConnectHostOptions options;
    options.bindAddress = ip("127.0.0.9");
    auto connecting = connectHost(reactor, "127.0.0.1", 80, client, options);
    reactor.advance(seconds(1));
    EXPECT_EQ(successResultOf(std::move(connecting))->host().host(), "127.0.0.9");
}

TEST_F(ConnectHostTest, TriesOnlyWhatTheAddressItBindsToCanReach) {
    reactor.setHost("host.test", {ip("192.0.2.1"), ip("2001:db8::1")});
    ConnectHostOptions options;
    options.bindAddress = ip("127.0.0.9");
    auto refused = connect(options);
    reactor.advance(seconds(1));
    EXPECT_EQ(attempts(), (Attempts{"0 192.0.2.1:80"}));
    EXPECT_NE(
        failureResultOf<ConnectionRefusedError>(std::move(refused)).message().find("192.0.2.1"),
        std::string::npos
    );

    options.bindAddress = ip("::1");
    reactor.setHost("host.test", {ip("192.0.2.1")});
    auto impossible = connect(options);
    reactor.advance(seconds(1));
    EXPECT_NE(
        failureResultOf<ConnectError>(std::move(impossible)).message().find("host.test:80"), std::string::npos
    );
}

TEST_F(ConnectHostTest, EndsWithItsReactor) {
    auto own = std::make_unique<SimReactor>();
    auto connecting = connectHost(*own, "localhost", 80, client);
    own.reset();
    EXPECT_TRUE(connecting.called());
    failureResultOf(std::move(connecting));
}

} // namespace twistdpp
