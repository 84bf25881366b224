#pragma once
// Connections: how they begin, talk and end.
#include "support/reactor_suite.h"
#include "twistdpp/base/unique_fd.h"

#include <cstdlib>
#include <string>
#include <unistd.h>

namespace twistdpp::test {

inline void echo(Transport& transport, Bytes data) {
    transport.write(data);
}

REACTOR_TEST(EchoesAndEndsCleanlyOnBothSides) {
    Conversation talk(bench);
    talk.server->onData = echo;
    talk.connect();
    talk.client->transport->write(Bytes("hello"));
    bench.runUntil([&] { return talk.client->received == "hello"; });
    talk.client->transport->loseConnection();
    talk.runUntilOver();
    EXPECT_TRUE(talk.client->lostBy<ConnectionDone>());
    EXPECT_TRUE(talk.server->lostBy<ConnectionDone>());
    EXPECT_EQ(talk.client->lost, 1);
    EXPECT_EQ(talk.server->lost, 1);
    EXPECT_EQ(talk.server->made, 1);
}

REACTOR_TEST(EachEndKnowsBothAddresses) {
    Conversation talk(bench);
    talk.connect();
    EXPECT_EQ(talk.client->transport->peer(), talk.port->address());
    EXPECT_EQ(talk.server->transport->host(), talk.port->address());
    EXPECT_EQ(talk.server->transport->peer(), talk.client->transport->host());
    EXPECT_NE(talk.server->transport->peer().port(), 0);
    EXPECT_EQ(&talk.server->transport->reactor(), bench.reactor.get());
}

REACTOR_TEST(PortZeroBecomesARealPort) {
    const auto journal = std::make_shared<Journal>();
    auto one = bench.reactor->listenTCP(0, journalFactory(journal), "127.0.0.1");
    auto two = bench.reactor->listenTCP(0, journalFactory(journal), "127.0.0.1");
    EXPECT_NE(one->address().port(), 0);
    EXPECT_NE(one->address(), two->address());
}

REACTOR_TEST(TwoPortsCannotShareAnAddress) {
    const auto journal = std::make_shared<Journal>();
    auto one = bench.reactor->listenTCP(0, journalFactory(journal), "127.0.0.1");
    auto two = bench.reactor->listen(ListenSpec(one->address()), journalFactory(journal));
    ASSERT_FALSE(two.ok());
    EXPECT_NE(two.error().message().find(one->address().toString()), std::string::npos)
        << two.error().message();
    EXPECT_THROW(
        static_cast<void>(
            bench.reactor->listenTCP(one->address().port(), journalFactory(journal), "127.0.0.1")
        ),
        CannotListenError
    );
    one->stopListening();
    EXPECT_TRUE(bench.reactor->listen(ListenSpec(one->address()), journalFactory(journal)).ok());
}

REACTOR_TEST(SeveralPortsShareAnAddressWhenAllAskForIt) {
    const auto journal = std::make_shared<Journal>();
    ListenSpec first(Address::loopback(0));
    first.reusePort = true;
    auto one = std::move(bench.reactor->listen(std::move(first), journalFactory(journal))).value();
    ListenSpec second(one->address());
    second.reusePort = true;
    EXPECT_TRUE(bench.reactor->listen(std::move(second), journalFactory(journal)).ok());
}

REACTOR_TEST(RefusesWhereNobodyListens) {
    const auto journal = std::make_shared<Journal>();
    auto port = bench.reactor->listenTCP(0, journalFactory(journal), "127.0.0.1");
    const Address address = port->address();
    port->stopListening();
    const auto outcome = bench.wait(bench.reactor->connect(ConnectSpec(address), journalFactory(journal)));
    ASSERT_FALSE(outcome.ok());
    EXPECT_TRUE(outcome.failure().check<ConnectionRefusedError>()) << outcome.failure().message();
    EXPECT_NE(outcome.failure().message().find(address.toString()), std::string::npos);
    EXPECT_EQ(journal->made, 0);
}

REACTOR_TEST(FromAnAddressOfOneFamilyThereIsNoWayToTheOther) {
    Conversation talk(bench);
    talk.port = bench.reactor->listenTCP(0, journalFactory(talk.server), "127.0.0.1");
    ConnectSpec spec(talk.port->address());
    spec.bindAddress = Address::parse("::1", 0).value();
    const auto outcome = bench.wait(bench.reactor->connect(std::move(spec), journalFactory(talk.client)));
    ASSERT_FALSE(outcome.ok());
    EXPECT_TRUE(outcome.failure().check<ConnectError>()) << outcome.failure().message();
    EXPECT_FALSE(outcome.failure().check<ConnectionRefusedError>());
}

REACTOR_TEST(ACancelledAttemptIsForgotten) {
    Conversation talk(bench);
    talk.port = bench.reactor->listenTCP(0, journalFactory(talk.server), "127.0.0.1");
    auto connecting = bench.reactor->connect(ConnectSpec(talk.port->address()), journalFactory(talk.client));
    connecting.cancel();
    ASSERT_TRUE(connecting.called());
    const auto outcome = std::move(connecting).take();
    ASSERT_FALSE(outcome.ok());
    EXPECT_TRUE(outcome.failure().check<CancelledError>());
    bench.settle();
    EXPECT_EQ(talk.client->made, 0);
}

REACTOR_TEST(AnAttemptMayBeCancelledByItsOwnFactory) {
    Conversation talk(bench);
    talk.port = bench.reactor->listenTCP(0, journalFactory(talk.server), "127.0.0.1");
    std::optional<Deferred<Transport*>> connecting;
    connecting.emplace(
        bench.reactor->connect(ConnectSpec(talk.port->address()), makeFactory([&](const Address&) {
                                   connecting->cancel();
                                   return std::make_unique<JournalProtocol>(talk.client);
                               }))
    );
    bench.runUntil([&] { return connecting->called(); });
    const auto outcome = std::move(*connecting).take();
    ASSERT_FALSE(outcome.ok());
    EXPECT_TRUE(outcome.failure().check<CancelledError>());
    bench.runUntil([&] { return talk.client->destroyed; });
    EXPECT_EQ(talk.client->made, 0);
    bench.runUntil([&] { return talk.server->made == talk.server->lost; });
}

REACTOR_TEST(AnAttemptMayBeCancelledInItsConnectionMade) {
    Conversation talk(bench);
    talk.port = bench.reactor->listenTCP(0, journalFactory(talk.server), "127.0.0.1");
    std::optional<Deferred<Transport*>> connecting;
    talk.client->onMade = [&](Transport&) { connecting->cancel(); };
    connecting.emplace(bench.reactor->connect(ConnectSpec(talk.port->address()), journalFactory(talk.client))
    );
    bench.runUntil([&] { return connecting->called(); });
    const auto outcome = std::move(*connecting).take();
    ASSERT_FALSE(outcome.ok());
    EXPECT_TRUE(outcome.failure().check<CancelledError>());
    bench.runUntil([&] { return talk.client->destroyed; });
    EXPECT_EQ(talk.client->made, 1);
    EXPECT_TRUE(talk.client->lostBy<ConnectionAborted>()) << "nobody else could close it";
    bench.runUntil([&] { return talk.server->made == talk.server->lost; });
}

REACTOR_TEST(AFactoryMayRefuse) {
    const auto client = std::make_shared<Journal>();
    auto port = bench.reactor->listenTCP(
        0, makeFactory([](const Address&) { return std::unique_ptr<Protocol>(); }), "127.0.0.1"
    );
    static_cast<void>(bench.wait(bench.reactor->connect(ConnectSpec(port->address()), journalFactory(client)))
    );
    bench.runUntil([&] { return client->destroyed; });
    EXPECT_EQ(client->made, 1);
    EXPECT_EQ(client->received, "");

    auto open = bench.reactor->listenTCP(0, journalFactory(std::make_shared<Journal>()), "127.0.0.1");
    const auto outcome =
        bench.wait(bench.reactor->connect(ConnectSpec(open->address()), makeFactory([](const Address&) {
                                              return std::unique_ptr<Protocol>();
                                          })));
    ASSERT_FALSE(outcome.ok());
    EXPECT_TRUE(outcome.failure().check<ConnectionAborted>());
}

REACTOR_TEST(AStoppedPortLeavesItsConnectionsAlone) {
    Conversation talk(bench);
    talk.server->onData = echo;
    talk.connect();
    talk.port.reset();
    talk.client->transport->write(Bytes("still there?"));
    bench.runUntil([&] { return talk.client->received == "still there?"; });
}

REACTOR_TEST(APausedPortAcceptsLater) {
    Conversation talk(bench);
    talk.port = bench.reactor->listenTCP(0, journalFactory(talk.server), "127.0.0.1");
    talk.port->pauseAccepting();
    auto connecting = bench.reactor->connect(ConnectSpec(talk.port->address()), journalFactory(talk.client));
    bench.settle();
    EXPECT_EQ(talk.server->made, 0);
    talk.port->resumeAccepting();
    bench.runUntil([&] { return talk.server->made == 1; });
    EXPECT_TRUE(bench.wait(std::move(connecting)).ok());
}

REACTOR_TEST(APortMayBeDroppedWhileItAccepts) {
    Conversation talk(bench);
    talk.port = bench.reactor->listenTCP(
        0, makeFactory([&](const Address&) {
            talk.port.reset();
            return std::make_unique<JournalProtocol>(talk.server);
        }),
        "127.0.0.1"
    );
    static_cast<void>(
        bench.wait(bench.reactor->connect(ConnectSpec(talk.port->address()), journalFactory(talk.client)))
    );
    bench.runUntil([&] { return talk.server->made == 1; });
    EXPECT_EQ(talk.port, nullptr);
}

REACTOR_TEST(UnixSockets) {
    std::string folder = "/tmp/twistdpp-suite-XXXXXX";
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    const std::string path = folder + "/socket";
    Conversation talk(bench);
    talk.server->onData = echo;
    talk.connect(Address::unixPath(path));
    EXPECT_EQ(talk.client->transport->peer(), Address::unixPath(path));
    talk.client->transport->write(Bytes("over a path"));
    bench.runUntil([&] { return talk.client->received == "over a path"; });
    talk.client->transport->loseConnection();
    talk.runUntilOver();
    talk.port.reset();
    ::rmdir(folder.c_str());
    const auto outcome =
        bench.wait(bench.reactor->connect(ConnectSpec(Address::unixPath(path)), journalFactory(talk.client)));
    ASSERT_FALSE(outcome.ok());
    EXPECT_TRUE(outcome.failure().check<ConnectError>()) << outcome.failure().message();
}

REACTOR_TEST(NamesAreLookedUpAndConnectedTo) {
    Conversation talk(bench);
    talk.server->onData = echo;
    talk.port = bench.reactor->listenTCP(0, journalFactory(talk.server), "127.0.0.1");
    const auto outcome = bench.wait(
        bench.reactor->connectTCP("localhost", talk.port->address().port(), journalFactory(talk.client))
    );
    ASSERT_TRUE(outcome.ok()) << outcome.failure().message();
    EXPECT_EQ(talk.client->made, 1);
}

REACTOR_TEST(AHalfCloseLeavesTheOtherDirectionOpen) {
    Conversation talk(bench);
    talk.server->onEnd = [&](Transport& transport) {
        transport.write(Bytes("you said: " + talk.server->received));
        transport.loseConnection();
    };
    talk.connect();
    talk.client->transport->write(Bytes("question"));
    talk.client->transport->loseWriteConnection();
    talk.client->transport->write(Bytes(" and more, too late"));
    talk.runUntilOver();
    EXPECT_EQ(talk.server->ends, 1);
    EXPECT_EQ(talk.server->received, "question");
    EXPECT_EQ(talk.client->received, "you said: question");
    EXPECT_TRUE(talk.client->lostBy<ConnectionDone>());
    EXPECT_TRUE(talk.server->lostBy<ConnectionDone>());
}

REACTOR_TEST(BothEndsMayHalfClose) {
    Conversation talk(bench);
    talk.server->onEnd = [](Transport& transport) { transport.loseWriteConnection(); };
    talk.client->onEnd = [](Transport&) {};
    talk.connect();
    talk.client->transport->loseWriteConnection();
    talk.runUntilOver();
    EXPECT_TRUE(talk.client->lostBy<ConnectionDone>());
    EXPECT_TRUE(talk.server->lostBy<ConnectionDone>());
}

REACTOR_TEST(AbortIsALossForThePeer) {
    Conversation talk(bench);
    talk.connect();
    talk.client->transport->abortConnection();
    EXPECT_TRUE(talk.client->transport->closing());
    talk.runUntilOver();
    EXPECT_TRUE(talk.client->lostBy<ConnectionAborted>());
    EXPECT_TRUE(talk.server->lostBy<ConnectionLost>()) << talk.server->reason->message();
}

REACTOR_TEST(LoseConnectionInsideDataReceivedSendsWhatIsQueued) {
    Conversation talk(bench);
    talk.server->onData = [](Transport& transport, Bytes) {
        transport.write(Bytes("bye"));
        transport.loseConnection();
        EXPECT_TRUE(transport.closing());
        transport.write(Bytes("never sent"));
        transport.loseConnection();
    };
    talk.connect();
    talk.client->transport->write(Bytes("q"));
    talk.runUntilOver();
    EXPECT_EQ(talk.client->received, "bye");
    EXPECT_EQ(talk.server->received, "q");
    EXPECT_TRUE(talk.server->lostBy<ConnectionDone>());
}

REACTOR_TEST(NothingIsReceivedAfterLoseConnection) {
    Conversation talk(bench);
    int calls = 0;
    talk.server->onData = [&](Transport& transport, Bytes) {
        ++calls;
        WriteLimits limits;
        limits.pauseReading = false;
        transport.setWriteLimits(limits);
        transport.write(Bytes(pattern(bench.narrow ? 100'000 : 16 * 1024 * 1024))
        ); // more than can leave at once
        transport.loseConnection();
    };
    talk.client->onMade = [](Transport& transport) { transport.pauseProducing(); };
    talk.connect();
    for (int i = 0; i < 20 && talk.client->transport; ++i) {
        talk.client->transport->write(Bytes("more"));
        bench.settle(std::chrono::milliseconds(1));
    }
    ASSERT_NE(talk.client->transport, nullptr);
    talk.client->transport->resumeProducing();
    talk.runUntilOver();
    EXPECT_EQ(calls, 1);
    EXPECT_TRUE(talk.client->lostBy<ConnectionDone>());
}

REACTOR_TEST(AbortInsideDataReceivedLeavesTheProtocolAliveForTheRestOfTheCall) {
    Conversation talk(bench);
    talk.server->onData = [&](Transport& transport, Bytes) {
        transport.abortConnection();
        EXPECT_FALSE(talk.server->destroyed);
        EXPECT_EQ(talk.server->lost, 0) << "connectionLost() inside another call of the protocol";
        transport.write(Bytes("nothing"));
        transport.pauseProducing();
        transport.resumeProducing();
        transport.loseWriteConnection();
        transport.loseConnection();
        transport.abortConnection();
        EXPECT_EQ(transport.queued(), 0U);
    };
    talk.connect();
    talk.client->transport->write(Bytes("q"));
    talk.runUntilOver();
    EXPECT_EQ(talk.server->lost, 1);
}

REACTOR_TEST(AbortInsideConnectionMade) {
    Conversation talk(bench);
    talk.server->onMade = [](Transport& transport) { transport.abortConnection(); };
    talk.port = bench.reactor->listenTCP(0, journalFactory(talk.server), "127.0.0.1");
    const auto connected =
        bench.wait(bench.reactor->connect(ConnectSpec(talk.port->address()), journalFactory(talk.client)));
    bench.runUntil([&] { return talk.server->destroyed; });
    EXPECT_TRUE(talk.server->lostBy<ConnectionAborted>());
    if (connected.ok()) {
        bench.runUntil([&] { return talk.client->destroyed; });
        EXPECT_TRUE(talk.client->lostBy<ConnectionLost>());
    } else {
        // The reset may overtake the news that the connection was there.
        EXPECT_TRUE(connected.failure().check<ConnectError>());
        EXPECT_EQ(talk.client->made, 0);
    }
}

REACTOR_TEST(ConnectionLostMayEndOtherConnections) {
    Conversation one(bench);
    Conversation two(bench);
    one.connect();
    two.connect();
    one.client->onLost = [&] { two.client->transport->abortConnection(); };
    one.client->transport->abortConnection();
    one.runUntilOver();
    two.runUntilOver();
    EXPECT_TRUE(two.client->lostBy<ConnectionAborted>());
}

REACTOR_TEST(WhatIsSentToAnEndThatHasGoneEndsInALoss) {
    Conversation talk(bench);
    talk.server->onEnd = [](Transport&) {};
    talk.connect();
    talk.client->transport->loseConnection();
    bench.runUntil([&] { return talk.server->ends == 1 && talk.client->destroyed; });
    for (int i = 0; i < 50 && talk.server->transport; ++i) {
        talk.server->transport->write(Bytes("anybody?"));
        bench.settle(std::chrono::milliseconds(5));
    }
    talk.runUntilOver();
    EXPECT_TRUE(talk.server->lostBy<ConnectionLost>()) << talk.server->reason->message();
}

REACTOR_TEST(SwitchProtocolHandsTheRestToTheNewOne) {
    Conversation talk(bench);
    const auto second = std::make_shared<Journal>();
    std::unique_ptr<Protocol> old;
    talk.server->onData = [&](Transport& transport, Bytes) {
        if (talk.server->received.find('\n') == std::string::npos)
            return;
        auto next = std::make_unique<JournalProtocol>(second);
        JournalProtocol& made = *next;
        old = transport.switchProtocol(std::move(next));
        made.makeConnection(transport);
        transport.write(Bytes("switched"));
    };
    talk.connect();
    talk.client->transport->write(Bytes("upgrade\n"));
    bench.runUntil([&] { return talk.client->received == "switched"; });
    talk.client->transport->write(Bytes("to the new one"));
    bench.runUntil([&] { return second->received == "to the new one"; });
    EXPECT_EQ(talk.server->received, "upgrade\n");
    talk.client->transport->loseConnection();
    bench.runUntil([&] { return second->destroyed; });
    EXPECT_EQ(second->lost, 1);
    EXPECT_EQ(talk.server->lost, 0);
    EXPECT_FALSE(talk.server->destroyed) << "the old protocol belongs to who switched";
}

REACTOR_TEST(TheReactorEndsWhatIsStillOpen) {
    const auto server = std::make_shared<Journal>();
    const auto client = std::make_shared<Journal>();
    {
        Conversation talk(bench);
        talk.server = server;
        talk.client = client;
        talk.connect();
    }
    auto sleeping = bench.reactor->resolve("localhost");
    bench.reactor.reset();
    EXPECT_TRUE(server->destroyed && client->destroyed);
    EXPECT_TRUE(server->lostBy<ConnectionEnd>());
    EXPECT_TRUE(client->lostBy<ConnectionEnd>());
    EXPECT_TRUE(sleeping.called());
    std::move(sleeping).addErrback([](const Failure&) { return std::vector<Address>(); }).detach();
}

} // namespace twistdpp::test
