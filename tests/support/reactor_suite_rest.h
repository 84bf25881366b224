#pragma once
// Time, threads, datagrams.
#include "support/reactor_suite.h"
#include "twistdpp/reactor/sleep.h"

#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace twistdpp::test {

using std::chrono::milliseconds;

REACTOR_TEST(TimersRunInTheOrderOfTheirTimes) {
    std::string order;
    const TimePoint begin = bench.reactor->now();
    const Timer c = bench.reactor->callLater(milliseconds(30), [&] { order += 'c'; });
    const Timer a = bench.reactor->callLater(milliseconds(10), [&] { order += 'a'; });
    Timer moved = bench.reactor->callLater(milliseconds(1), [&] { order += 'm'; });
    Timer never = bench.reactor->callLater(milliseconds(5), [&] { order += 'x'; });
    const Timer b = bench.reactor->callLater(milliseconds(20), [&] { order += 'b'; });
    const Timer b2 = bench.reactor->callLater(milliseconds(20), [&] { order += 'B'; });
    moved.reset(milliseconds(40));
    never.cancel();
    EXPECT_TRUE(moved.active());
    EXPECT_FALSE(never.active());
    bench.runUntil([&] { return order.size() >= 5; });
    EXPECT_EQ(order, "abBcm");
    EXPECT_GE(bench.reactor->now() - begin, milliseconds(40));
    EXPECT_FALSE(moved.active());
}

REACTOR_TEST(ATimerMayDropItselfAndOthers) {
    Timer other = bench.reactor->callLater(milliseconds(5), [] { FAIL() << "it was cancelled"; });
    bool ran = false;
    auto timer = std::make_unique<Timer>();
    *timer = bench.reactor->callLater(milliseconds(1), [&] {
        other.cancel();
        timer.reset();
        ran = true;
    });
    bench.runUntil([&] { return ran; });
    bench.settle();
    EXPECT_EQ(timer, nullptr);
}

REACTOR_TEST(ATimerMayBeFurtherAwayThanTheClockCounts) {
    Timer never = bench.reactor->callLater(Duration::max(), [] { FAIL() << "292 years are not over"; });
    bench.settle();
    EXPECT_TRUE(never.active());
    never.reset(milliseconds(1));
    never.reset(Duration::max());
    bench.settle();
    EXPECT_TRUE(never.active());
}

REACTOR_TEST(CallSoonRunsInOrderInTheSameTurn) {
    std::string order;
    Timer later;
    const Timer timer = bench.reactor->callLater(Duration(0), [&] {
        later = bench.reactor->callLater(Duration(0), [&] { order += 'e'; });
        bench.reactor->callSoon([&] {
            order += 'b';
            bench.reactor->callSoon([&] { order += 'd'; });
        });
        bench.reactor->callSoon([&] { order += 'c'; });
        order += 'a';
    });
    bench.runUntil([&] { return order.size() == 5; });
    EXPECT_EQ(order, "abcde");
}

REACTOR_TEST(StopEndsARunAndNoMore) {
    int runs = 0;
    for (int i = 0; i < 3; ++i) {
        const Timer timer = bench.reactor->callLater(milliseconds(1), [&] {
            ++runs;
            bench.reactor->stop();
            bench.reactor->stop();
        });
        bench.reactor->run();
    }
    EXPECT_EQ(runs, 3);
}

REACTOR_TEST(AStopBeforeTheRunStillMakesOneTurn) {
    bool called = false;
    bench.reactor->callSoon([&] { called = true; });
    const Timer later = bench.reactor->callLater(std::chrono::hours(1), [] { FAIL() << "nobody waits"; });
    bench.reactor->stop();
    bench.reactor->run();
    EXPECT_TRUE(called);
}

REACTOR_TEST(WhatACallFromAThreadHeldMayCallAgainAtTheReactorsEnd) {
    struct CallsAgain {
        explicit CallsAgain(Reactor& r) : reactor(r) {}
        ~CallsAgain() {
            reactor.callFromThread([] {});
        }
        Reactor& reactor;
    };
    bench.reactor->callFromThread([held = std::make_shared<CallsAgain>(*bench.reactor)] {
        FAIL() << "the reactor never ran";
    });
    bench.reactor.reset();
}

REACTOR_TEST(SleepTakesItsTime) {
    const TimePoint begin = bench.reactor->now();
    EXPECT_TRUE(bench.wait(sleep(*bench.reactor, milliseconds(15))).ok());
    EXPECT_GE(bench.reactor->now() - begin, milliseconds(15));
}

REACTOR_TEST(CallsFromAnotherThreadRunInTheLoopAndInOrder) {
    constexpr int kCalls = 1000;
    const auto loop = std::this_thread::get_id();
    std::vector<int> seen;
    std::thread other([&] {
        for (int i = 0; i < kCalls; ++i)
            bench.reactor->callFromThread([&, i] {
                EXPECT_EQ(std::this_thread::get_id(), loop);
                seen.push_back(i);
            });
    });
    bench.runUntil([&] { return seen.size() == kCalls; });
    other.join();
    for (int i = 0; i < static_cast<int>(seen.size()); ++i)
        ASSERT_EQ(seen[static_cast<std::size_t>(i)], i);
}

REACTOR_TEST(ThreadsGiveTheirValueOrTheirError) {
    auto value = bench.wait(deferToThread(*bench.reactor, Pool::cpu, [] { return std::string("computed"); }));
    ASSERT_TRUE(value.ok());
    EXPECT_EQ(value.value(), "computed");
    const auto error = bench.wait(deferToThread(*bench.reactor, Pool::io, [] {
        throw std::runtime_error("the disk is on fire");
    }));
    ASSERT_FALSE(error.ok());
    EXPECT_EQ(error.failure().message(), "the disk is on fire");
}

REACTOR_TEST(NumericAddressesNeedNoLookUp) {
    auto four = bench.wait(bench.reactor->resolve("192.0.2.1"));
    ASSERT_TRUE(four.ok());
    EXPECT_EQ(four.value(), std::vector<Address>{Address::parse("192.0.2.1", 0).value()});
    auto six = bench.wait(bench.reactor->resolve("2001:db8::1", Family::ipv6));
    ASSERT_TRUE(six.ok());
    EXPECT_EQ(six.value().size(), 1U);
    auto here = bench.wait(bench.reactor->resolve("localhost", Family::ipv4));
    ASSERT_TRUE(here.ok()) << here.failure().message();
    EXPECT_EQ(here.value().front(), Address::loopback(0));
}

REACTOR_TEST(AnUnknownNameIsADnsLookupError) {
    const auto outcome = bench.wait(bench.reactor->resolve("no-such-host.invalid"));
    ASSERT_FALSE(outcome.ok());
    EXPECT_TRUE(outcome.failure().check<DNSLookupError>()) << outcome.failure().message();
    EXPECT_NE(outcome.failure().message().find("no-such-host.invalid"), std::string::npos);
}

namespace {

class Silent final : public Protocol {
    void dataReceived(Bytes) override {}
};

/// Says of every name that it is this host, and counts what it is asked.
class LocalResolver final : public NameResolver {
public:
    Deferred<std::vector<Address>> resolve(std::string host, Family) override {
        asked.push_back(std::move(host));
        return succeed(std::vector<Address>{Address::loopback(0)});
    }
    std::vector<std::string> asked;
};

} // namespace

REACTOR_TEST(AnInstalledResolverLooksNamesUp) {
    const auto mine = std::make_shared<LocalResolver>();
    EXPECT_EQ(bench.reactor->installResolver(mine), nullptr);
    auto found = bench.wait(bench.reactor->resolve("no-such-host.invalid"));
    ASSERT_TRUE(found.ok());
    EXPECT_EQ(found.value(), std::vector<Address>{Address::loopback(0)});
    // Connecting asks it too; numeric addresses are nobody's to look up.
    const auto refused = bench.wait(bench.reactor->connectTCP("www.invalid", 1, makeFactory<Silent>()));
    ASSERT_FALSE(refused.ok());
    EXPECT_TRUE(refused.failure().check<ConnectError>()) << refused.failure().message();
    EXPECT_TRUE(bench.wait(bench.reactor->resolve("127.0.0.1")).ok());
    EXPECT_EQ(mine->asked, (std::vector<std::string>{"no-such-host.invalid", "www.invalid"}));
    // The system can be asked all the same, and again by all once the resolver is taken out.
    EXPECT_FALSE(bench.wait(bench.reactor->resolveBySystem("no-such-host.invalid", Family::any)).ok());
    EXPECT_EQ(bench.reactor->installResolver(nullptr), mine);
    EXPECT_FALSE(bench.wait(bench.reactor->resolve("no-such-host.invalid")).ok());
    EXPECT_EQ(mine->asked.size(), 2U);
}

namespace {

/// Answers each datagram with itself in capitals, or collects the answers.
class Datagrams final : public DatagramProtocol {
public:
    void datagramsReceived(std::span<const Datagram> batch) override {
        ++batches;
        largestBatch = std::max(largestBatch, batch.size());
        DatagramProtocol::datagramsReceived(batch);
    }
    void datagramReceived(Bytes data, const Address& from) override {
        ++received[std::string(data)];
        if (answers) {
            const std::span<char> room = port().reserve(data.size() + 1);
            room[0] = '>';
            data.copy(room.data() + 1, data.size());
            port().commit(data.size() + 1, from);
        }
        if (onDatagram)
            onDatagram();
    }
    void startProtocol(DatagramPort& port) override {
        DatagramProtocol::startProtocol(port);
        ++started;
    }
    void stopProtocol() override {
        DatagramProtocol::stopProtocol();
        ++stopped;
    }

    bool answers = false;
    std::function<void()> onDatagram;
    std::map<std::string, int> received;
    std::size_t largestBatch = 0;
    int batches = 0;
    int started = 0;
    int stopped = 0;
};

} // namespace

REACTOR_TEST(DatagramsComeInBatchesAndAreAnswered) {
    Datagrams server;
    Datagrams client;
    server.answers = true;
    auto serverPort = bench.reactor->listenUDP(0, server, "127.0.0.1");
    auto clientPort = bench.reactor->listenUDP(0, client, "127.0.0.1");
    EXPECT_NE(serverPort->address().port(), 0);
    EXPECT_EQ(server.started, 1);
    for (int round = 0; round < 4; ++round) {
        for (int i = 0; i < 50; ++i)
            clientPort->write("query " + std::to_string(round * 50 + i), serverPort->address());
        const std::size_t expected = static_cast<std::size_t>(round + 1) * 50;
        bench.runUntil([&] { return client.received.size() == expected; });
    }
    for (const auto& [data, times] : client.received) {
        EXPECT_EQ(times, 1) << data;
        EXPECT_EQ(data.substr(0, 7), ">query ");
    }
    EXPECT_LE(server.largestBatch, 64U);
    EXPECT_LT(server.batches, 200) << "never more than one datagram at a time";
    serverPort->stopListening();
    EXPECT_EQ(server.stopped, 1);
    serverPort.reset();
    EXPECT_EQ(server.stopped, 1);
}

REACTOR_TEST(ADatagramPortMayBeDroppedInItsOwnCallback) {
    Datagrams server;
    Datagrams client;
    auto serverPort = bench.reactor->listenUDP(0, server, "127.0.0.1");
    auto clientPort = bench.reactor->listenUDP(0, client, "127.0.0.1");
    server.onDatagram = [&] { serverPort.reset(); };
    const Address address = serverPort->address();
    for (int i = 0; i < 10; ++i)
        clientPort->write("only one of these is read: " + std::to_string(i), address);
    bench.runUntil([&] { return server.stopped == 1; });
    EXPECT_EQ(server.received.size(), 1U);
}

REACTOR_TEST(ADatagramThatIsTooLongIsNotCutShort) {
    Datagrams server;
    Datagrams client;
    DatagramSpec spec(Address::loopback(0));
    spec.maxPacketSize = 100;
    auto serverPort = std::move(bench.reactor->bind(std::move(spec), server)).value();
    auto clientPort = bench.reactor->listenUDP(0, client, "127.0.0.1");
    clientPort->write(std::string(101, 'x'), serverPort->address());
    clientPort->write(std::string(100, 'y'), serverPort->address());
    bench.runUntil([&] { return !server.received.empty(); });
    bench.settle();
    EXPECT_EQ(server.received.size(), 1U);
    EXPECT_EQ(server.received.begin()->first, std::string(100, 'y'));
}

REACTOR_TEST(AnEmptyDatagramIsADatagram) {
    Datagrams server;
    Datagrams client;
    auto serverPort = bench.reactor->listenUDP(0, server, "127.0.0.1");
    auto clientPort = bench.reactor->listenUDP(0, client, "127.0.0.1");
    clientPort->write("", serverPort->address());
    bench.runUntil([&] { return server.received.size() == 1; });
    EXPECT_EQ(server.received.begin()->first, "");
}

} // namespace twistdpp::test
