// What the simulated reactor has beyond the others: virtual time, the seed, and a world that tests arrange.
#include "support/results.h"
#include "twistdpp/reactor/errors.h"
#include "twistdpp/reactor/sleep.h"
#include "twistdpp/sim/sim_reactor.h"

#include <chrono>
#include <csignal>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

namespace twistdpp {

namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

class Echo final : public Protocol {
    void dataReceived(Bytes data) override { transport().write(data); }
};

/// Sends a line a second and counts the answers.
class Heart final : public Protocol {
public:
    Heart(Reactor& reactor, std::size_t& answered)
        : answered_(answered), beat_(reactor.timers(), [this] {
              transport().write(Bytes("beat\n"));
              beat_.start(seconds(1));
          }) {}
    void connectionMade() override { beat_.start(seconds(1)); }
    void dataReceived(Bytes data) override { answered_ += data.size(); }
    void connectionLost(const Failure&) override { beat_.stop(); }

private:
    std::size_t& answered_;
    TimerNode beat_;
};

class Collector final : public Protocol {
public:
    explicit Collector(std::vector<std::string>& reads) : reads_(reads) {}
    void dataReceived(Bytes data) override { reads_.emplace_back(data); }

private:
    std::vector<std::string>& reads_;
};

/// A few clients that talk to an echo server while datagrams fly, as one text.
std::string runOf(SimOptions options) {
    options.trace = true;
    SimReactor reactor(options);
    auto port = reactor.listenTCP(7, makeFactory<Echo>());
    std::vector<std::string> reads;
    std::vector<Deferred<Transport*>> connecting;
    for (int i = 0; i < 5; ++i)
        connecting.push_back(reactor.connectTCP("localhost", 7, makeFactory([&](const Address&) {
                                                    return std::make_unique<Collector>(reads);
                                                })));
    DatagramProtocol silent;
    auto datagrams = reactor.listenUDP(9, silent);
    reactor.advance(seconds(1));
    for (auto& one : connecting) {
        auto outcome = std::move(one).take();
        if (outcome.ok())
            outcome.value()->write(Bytes(std::string(50'000, 'x')));
        datagrams->write("datagram", Address::loopback(9));
    }
    reactor.advance(seconds(1));
    return reactor.trace();
}

} // namespace

TEST(SimReactor, JumpsToTheNextEvent) {
    SimReactor reactor;
    bool ran = false;
    const Timer timer = reactor.callLater(hours(24 * 365), [&] { ran = true; });
    reactor.run();
    EXPECT_TRUE(ran);
    EXPECT_EQ(reactor.elapsed(), hours(24 * 365));
}

TEST(SimReactor, RunReturnsWhenNothingIsLeftToHappen) {
    SimReactor reactor;
    const auto port = reactor.listenTCP(80, makeFactory<Echo>());
    reactor.run();
    EXPECT_EQ(reactor.elapsed(), Duration(0));
    EXPECT_GE(reactor.statistics().turns.load(), 0U);
}

TEST(SimReactor, AdvancePassesExactlyThatTime) {
    SimReactor reactor;
    int runs = 0;
    const Timer in = reactor.callLater(seconds(1), [&] { ++runs; });
    const Timer out = reactor.callLater(seconds(1) + Duration(1), [&] { ++runs; });
    reactor.advance(seconds(1));
    EXPECT_EQ(runs, 1);
    EXPECT_EQ(reactor.elapsed(), seconds(1));
    EXPECT_FALSE(reactor.runUntilIdle(Duration(0)));
    EXPECT_TRUE(reactor.runUntilIdle());
    EXPECT_EQ(runs, 2);
}

TEST(SimReactor, RunUntilStopsAtItsConditionOrItsTime) {
    SimReactor reactor;
    int ticks = 0;
    TimerNode* self = nullptr;
    TimerNode ticking(reactor.timers(), [&] {
        ++ticks;
        self->start(seconds(1));
    });
    self = &ticking;
    ticking.start(seconds(1));
    EXPECT_TRUE(reactor.runUntil([&] { return ticks == 5; }));
    EXPECT_EQ(reactor.elapsed(), seconds(5));
    EXPECT_FALSE(reactor.runUntil([&] { return ticks == 1000; }, seconds(10)));
    EXPECT_EQ(ticks, 15);
}

TEST(SimReactor, ThreeDaysOfHeartbeatsTakeLittleTime) {
    SimReactor reactor(SimOptions::calm());
    const auto port = reactor.listenTCP(7, makeFactory<Echo>());
    std::size_t answered = 0;
    auto connecting = reactor.connectTCP("127.0.0.1", 7, makeFactory([&](const Address&) {
                                             return std::make_unique<Heart>(reactor, answered);
                                         }));
    reactor.advance(hours(72) + seconds(1));
    ASSERT_TRUE(connecting.called());
    successResultOf(std::move(connecting));
    EXPECT_EQ(answered, 5U * 72 * 3600);
}

TEST(SimReactor, EqualSeedsGiveEqualRuns) {
    for (const std::uint64_t seed : {1U, 7U, 4711U}) {
        SimOptions options(seed);
        options.loss = options.duplicate = options.reorder = 0.3;
        options.reset = 0.02;
        const std::string run = runOf(options);
        EXPECT_EQ(run, runOf(options)) << "seed " << seed;
        EXPECT_GT(run.size(), 1000U);
    }
}

TEST(SimReactor, OtherSeedsGiveOtherRuns) {
    EXPECT_NE(runOf(SimOptions(1)), runOf(SimOptions(2)));
}

TEST(SimReactor, DeliversByteByByteWhenAsked) {
    SimOptions options;
    options.bytewise = true;
    SimReactor reactor(options);
    std::vector<std::string> reads;
    const auto port =
        reactor.listenTCP(7, makeFactory([&](const Address&) { return std::make_unique<Collector>(reads); }));
    auto connecting = reactor.connectTCP("127.0.0.1", 7, makeFactory<Echo>());
    reactor.advance(seconds(1));
    successResultOf(std::move(connecting))->write(Bytes("abc"));
    reactor.advance(seconds(1));
    EXPECT_EQ(reads, (std::vector<std::string>{"a", "b", "c"}));
}

TEST(SimReactor, CutsAndMergesWhatIsSent) {
    bool cut = false;
    bool merged = false;
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        SimReactor reactor{SimOptions(seed)};
        std::vector<std::string> reads;
        const auto port = reactor.listenTCP(7, makeFactory([&](const Address&) {
                                                return std::make_unique<Collector>(reads);
                                            }));
        auto connecting = reactor.connectTCP("127.0.0.1", 7, makeFactory<Echo>());
        reactor.advance(seconds(1));
        Transport& transport = *successResultOf(std::move(connecting));
        for (int i = 0; i < 5; ++i) {
            const Corked each(transport);
            transport.write(Bytes("0123456789"));
        }
        reactor.advance(seconds(1));
        std::string all;
        for (const std::string& read : reads) {
            cut = cut || read.size() % 10 != 0;
            merged = merged || read.size() > 10;
            all += read;
        }
        EXPECT_EQ(all, "01234567890123456789012345678901234567890123456789");
    }
    EXPECT_TRUE(cut);
    EXPECT_TRUE(merged);
}

TEST(SimReactor, LosesConnectionsByChanceAndOnDemand) {
    SimOptions options;
    options.reset = 1;
    SimReactor reactor(options);
    const auto port = reactor.listenTCP(7, makeFactory<Echo>());
    auto first = reactor.connectTCP("127.0.0.1", 7, makeFactory<Echo>());
    reactor.advance(seconds(1));
    Transport* transport = successResultOf(std::move(first));
    transport->write(Bytes(std::string(100'000, 'x')));
    auto drained = transport->drained();
    reactor.advance(seconds(1));
    failureResultOf<ConnectionLost>(std::move(drained));

    reactor.options().reset = 0;
    auto second = reactor.connectTCP("127.0.0.1", 7, makeFactory<Echo>());
    reactor.advance(seconds(1));
    successResultOf(std::move(second))->write(Bytes(std::string(200'000, 'x')));
    reactor.dropConnections();
    EXPECT_TRUE(reactor.runUntilIdle());
}

TEST(SimReactor, AnUnreachableAddressTimesOut) {
    SimReactor reactor;
    const auto port = reactor.listenTCP(7, makeFactory<Echo>());
    reactor.setUnreachable(Address::loopback(7));
    auto connecting = reactor.connect(ConnectSpec(Address::loopback(7), seconds(5)), makeFactory<Echo>());
    reactor.advance(seconds(4));
    EXPECT_FALSE(connecting.called());
    reactor.advance(seconds(1));
    failureResultOf<ConnectTimeoutError>(std::move(connecting));
    reactor.setUnreachable(Address::loopback(7), false);
    auto again = reactor.connect(ConnectSpec(Address::loopback(7)), makeFactory<Echo>());
    reactor.advance(seconds(1));
    successResultOf(std::move(again));
}

TEST(SimReactor, AFullBacklogAnswersNobody) {
    SimReactor reactor(SimOptions::calm()); // the first comes first
    const auto port = reactor.listenTCP(7, makeFactory<Echo>(), {}, 1);
    port->pauseAccepting();
    auto first = reactor.connect(ConnectSpec(Address::loopback(7), seconds(5)), makeFactory<Echo>());
    auto second = reactor.connect(ConnectSpec(Address::loopback(7), seconds(5)), makeFactory<Echo>());
    reactor.advance(seconds(5));
    successResultOf(std::move(first));
    failureResultOf<ConnectTimeoutError>(std::move(second));
}

TEST(SimReactor, NamesComeFromItsTable) {
    SimReactor reactor;
    reactor.setHost(
        "www.test", {Address::parse("192.0.2.1", 99).value(), Address::parse("2001:db8::1", 0).value()}
    );
    auto both = reactor.resolve("www.test", Family::any);
    auto six = reactor.resolve("www.test", Family::ipv6);
    auto unknown = reactor.resolve("other.test", Family::any);
    auto cancelled = reactor.resolve("www.test", Family::any);
    cancelled.cancel();
    EXPECT_FALSE(both.called());
    reactor.runUntilIdle();
    EXPECT_EQ(successResultOf(std::move(both)).size(), 2U);
    EXPECT_EQ(
        successResultOf(std::move(six)), std::vector<Address>{Address::parse("2001:db8::1", 0).value()}
    );
    failureResultOf<DNSLookupError>(std::move(unknown));
    failureResultOf<CancelledError>(std::move(cancelled));
}

TEST(SimReactor, TakesOverNoRealSockets) {
    SimReactor reactor;
    const auto adopted = reactor.adopt(UniqueFd(), std::make_unique<Echo>());
    ASSERT_FALSE(adopted.ok());
    EXPECT_NE(adopted.error().message().find("simulated"), std::string::npos);
    EXPECT_FALSE(reactor.listen(ListenSpec::adopt(UniqueFd()), makeFactory<Echo>()).ok());
}

TEST(SimReactor, SignalsAreRaisedByTheTest) {
    SimReactor reactor;
    int hangups = 0;
    Watch once;
    EXPECT_FALSE(reactor.raiseSignal(SIGHUP));
    const Watch watch = std::move(reactor.onSignal(SIGHUP, [&] { ++hangups; })).value();
    once = std::move(reactor.onSignal(SIGHUP, [&] {
               once.reset();
               hangups += 10;
           })).value();
    EXPECT_TRUE(reactor.raiseSignal(SIGHUP));
    EXPECT_TRUE(reactor.raiseSignal(SIGHUP));
    EXPECT_FALSE(reactor.raiseSignal(SIGTERM));
    EXPECT_EQ(hangups, 0) << "in the loop, not in the call";
    reactor.runUntilIdle();
    EXPECT_EQ(hangups, 12);
}

TEST(SimReactor, FilesAreTouchedByTheTest) {
    SimReactor reactor;
    int file = 0;
    int folder = 0;
    const Watch onFile = std::move(reactor.watchFile("/etc/x.conf", [&] { ++file; })).value();
    const Watch onFolder = std::move(reactor.watchFile("/etc/", [&] { ++folder; })).value();
    reactor.touch("/etc/x.conf");
    reactor.touch("/etc/x.conf");
    reactor.touch("/etc/y.conf");
    reactor.touch("/var/x.conf");
    reactor.runUntilIdle();
    EXPECT_EQ(file, 1) << "several changes may be told as one";
    EXPECT_EQ(folder, 1);
}

} // namespace twistdpp
