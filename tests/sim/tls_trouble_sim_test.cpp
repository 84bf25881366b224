// layers: tls
#include "sim/tls_world.h"
#include "twistdpp/tls/start_tls.h"

#include <array>
#include <gmock/gmock.h>

namespace twistdpp::test {
namespace {

using testing::HasSubstr;

/// A server of TLS and a client that sends bytes of its own.
class TlsPort : public testing::Test {
protected:
    void connectPlain(const std::string& bytes) {
        world.listen(server());
        world.here->onMade = [bytes](Transport& transport) { transport.write(Bytes(bytes)); };
        world.reactor.connectTCP("server.example", 443, recorders(world.here)).addBoth([] {}).detach();
    }
    TlsWorld world;
};

TEST_F(TlsPort, TellsPlainHttpFromGarbage) {
    connectPlain("GET /index.html HTTP/1.1\r\nHost: x\r\n\r\n");
    world.reactor.runUntilIdle();
    ASSERT_TRUE(world.there->lost && world.there->lost->check<TlsPlaintextError>())
        << world.there->lostMessage();
    EXPECT_THAT(
        world.there->lost->as<TlsPlaintextError>()->received(),
        testing::StartsWith("GET /index.html HTTP/1.1\r\n")
    );
    EXPECT_THAT(world.there->lostMessage(), HasSubstr("it began with \"GET /index.html HTTP/1.1\""));
    EXPECT_FALSE(world.there->made);
}

TEST_F(TlsPort, GarbageIsAnErrorAndAnAlert) {
    connectPlain(std::string("\x16\x03\x01\x00\x05hello", 10) + std::string(100, '\xff'));
    world.reactor.runUntilIdle();
    EXPECT_FALSE(world.there->made);
    ASSERT_TRUE(world.there->lost && world.there->lost->check<TlsHandshakeError>());
    EXPECT_FALSE(world.there->lost->check<TlsPlaintextError>());
    EXPECT_EQ(world.here->data.substr(0, 1), "\x15"); // a record of type alert
}

TEST_F(TlsPort, APeerThatClosesAtOnceIsTold) {
    connectPlain("\x16");
    world.reactor.runUntil([&] { return world.here->made; });
    world.here->transport->loseConnection();
    world.reactor.runUntilIdle();
    EXPECT_THAT(world.there->lostMessage(), HasSubstr("the peer closed the connection"));
}

TEST_F(TlsPort, ASilentPeerIsGivenOneMinute) {
    connectPlain("");
    world.reactor.advance(std::chrono::seconds(59));
    EXPECT_FALSE(world.there->lost.has_value());
    world.reactor.advance(std::chrono::seconds(2));
    EXPECT_THAT(world.there->lostMessage(), HasSubstr("not done after 60 s"));
    EXPECT_TRUE(world.here->lost.has_value());
}

TEST_F(TlsPort, TextWithoutALineEndIsFoundOutWhenThePeerCloses) {
    connectPlain("HELO");
    world.reactor.runUntil([&] { return world.here->made; });
    world.here->transport->loseConnection();
    world.reactor.runUntilIdle();
    EXPECT_TRUE(world.there->lost->check<TlsPlaintextError>()) << world.there->lostMessage();
}

class Polite : public Recorder, public PlaintextResponder {
public:
    using Recorder::Recorder;
    std::string plaintextReceived(Bytes received) override {
        return "400 this is not " + std::string(received.substr(0, 3));
    }
};

TEST_F(TlsPort, AServiceMayAnswerInTheClear) {
    const auto context = server();
    world.port =
        world.reactor.listenTCP(443, makeFactory([&](const Address&) {
                                    return context->serverProtocol(std::make_unique<Polite>(world.there));
                                }));
    world.here->onMade = [](Transport& transport) { transport.write(Bytes("GET / HTTP/1.0\r\n\r\n")); };
    world.reactor.connectTCP("server.example", 443, recorders(world.here)).addBoth([] {}).detach();
    world.reactor.runUntilIdle();
    EXPECT_EQ(world.here->data, "400 this is not GET");
    EXPECT_TRUE(world.there->lost->check<TlsPlaintextError>());
}

TEST(TlsTrouble, AClientTellsAServerThatSpeaksPlainText) {
    TlsWorld world;
    world.there->onMade = [](Transport& transport) { transport.write(Bytes("220 mail ready\r\n")); };
    world.port = world.reactor.listenTCP(443, recorders(world.there));
    world.connect(client());
    world.reactor.runUntilIdle();
    ASSERT_TRUE(world.here->lost && world.here->lost->check<TlsPlaintextError>())
        << world.here->lostMessage();
    EXPECT_EQ(world.here->lost->as<TlsPlaintextError>()->received(), "220 mail ready\r\n");
}

/// Stands below TLS in the client, where the test can reach the real connection.
struct Below {
    TlsWorld world;
    Transport* transport = nullptr;

    void meet(
        const ClientTlsOptions& options = clientOptions(), const ServerTlsOptions& serves = serverOptions()
    ) {
        world.listen(server(serves));
        const auto context = client(options);
        world.reactor
            .connectTCP(
                "server.example", 443, makeFactory([&, context](const Address&) {
                    return context->clientProtocol(std::make_unique<Recorder>(world.here), "server.example");
                })
            )
            .addCallback([this](Transport* made) { transport = made; })
            .detach();
        world.reactor.runUntil([&] { return world.here->made && world.there->made; });
    }
};

TEST(TlsTrouble, AnEndWithoutCloseNotifyIsNoCleanEnd) {
    Below below;
    below.meet();
    below.world.here->transport->write(Bytes("half of it"));
    below.transport->loseConnection(); // the connection itself, over the head of TLS
    below.world.reactor.runUntilIdle();
    EXPECT_EQ(below.world.there->data, "half of it");
    EXPECT_FALSE(below.world.there->readClosed);
    EXPECT_TRUE(below.world.there->lost->check<ConnectionLost>());
    EXPECT_THAT(below.world.there->lostMessage(), HasSubstr("without close_notify"));
}

TEST(TlsTrouble, AResetIsTold) {
    TlsWorld world;
    world.meet(server(), client());
    world.here->transport->abortConnection();
    world.reactor.runUntilIdle();
    EXPECT_TRUE(world.here->lost->check<ConnectionAborted>()) << world.here->lostMessage();
    EXPECT_TRUE(world.there->lost->check<ConnectionLost>()) << world.there->lostMessage();
}

TEST(TlsTrouble, AChangedRecordEndsTheConnection) {
    Below below;
    below.meet();
    below.transport->write(Bytes(std::string("\x17\x03\x03\x00\x20", 5) + std::string(32, 'x')));
    below.world.reactor.runUntilIdle();
    EXPECT_TRUE(below.world.there->lost->check<TlsError>()) << below.world.there->lostMessage();
    EXPECT_THAT(below.world.there->lostMessage(), HasSubstr("decryption failed or bad record mac"));
    EXPECT_THAT(below.world.here->lostMessage(), HasSubstr("the peer sent the alert 'bad record mac'"));
}

TEST(TlsTrouble, APeerThatDoesNotAnswerCloseNotifyIsGivenFiveSeconds) {
    Below below;
    below.meet();
    below.transport->pauseProducing(); // the client's TLS never sees the close_notify
    below.world.there->transport->loseConnection();
    below.world.reactor.advance(std::chrono::seconds(4));
    EXPECT_FALSE(below.world.there->lost.has_value());
    below.world.reactor.advance(std::chrono::seconds(2));
    ASSERT_TRUE(below.world.there->lost.has_value());
    EXPECT_TRUE(below.world.there->lost->check<ConnectionDone>()) << below.world.there->lostMessage();
}

TEST(TlsTrouble, AnAbortFollowsWhenThePeerTakesNothing) {
    TlsWorld world;
    world.meet(server(), client());
    world.here->transport->pauseProducing();
    world.there->transport->write(Buffer(Bytes(std::string(1'000'000, 'x'))));
    world.there->transport->loseConnection();
    world.reactor.advance(std::chrono::seconds(20));
    ASSERT_TRUE(world.there->lost.has_value());
    EXPECT_THAT(world.there->lostMessage(), HasSubstr("took nothing of what was left to send for 5 s"));
}

TEST(TlsTrouble, ASlowPeerIsNotCutOffWhileItTakesSomething) {
    TlsWorld world;
    world.meet(server(), client());
    world.there->transport->write(Buffer(Bytes(std::string(600'000, 'x'))));
    world.there->transport->loseConnection();
    world.here->onData = [](Transport& transport, Bytes) { transport.pauseProducing(); };
    for (int i = 0; i < 40 && !world.here->lost; ++i) {
        world.reactor.advance(std::chrono::seconds(3));
        if (world.here->transport)
            world.here->transport->resumeProducing();
    }
    EXPECT_EQ(world.here->data.size(), 600'000U);
    EXPECT_TRUE(world.there->lost->check<ConnectionDone>()) << world.there->lostMessage();
}

TEST(TlsTrouble, ClosingBeforeTheHandshakeIsDoneIsNoError) {
    TlsWorld world;
    world.listen(server());
    const auto context = client();
    TlsProtocol* layer = nullptr;
    world.reactor
        .connectTCP("server.example", 443, makeFactory([&](const Address&) {
                        auto made =
                            context->clientProtocol(std::make_unique<Recorder>(world.here), "server.example");
                        layer = static_cast<TlsProtocol*>(made.get());
                        return made;
                    }))
        .addCallback([&](Transport*) { layer->loseConnection(); })
        .detach();
    world.reactor.runUntilIdle();
    EXPECT_FALSE(world.here->made);
    EXPECT_TRUE(world.here->lost->check<ConnectionDone>()) << world.here->lostMessage();
    EXPECT_TRUE(world.there->lost->check<TlsHandshakeError>()) << world.there->lostMessage();
}

/// A line protocol with STARTTLS, and what is told when it is done.
class Upgradable : public Recorder, public HandshakeListener {
public:
    Upgradable(std::shared_ptr<Seen> seen, std::string& version)
        : Recorder(std::move(seen)), version_(version) {}
    void handshakeCompleted(const TlsInfo& info) override {
        version_ = info.version;
        seen_->transport = &transport();
    }

private:
    std::string& version_;
};

class StartTls : public testing::TestWithParam<bool> {};

TEST_P(StartTls, SecuresAConnectionInUse) {
    SimOptions options;
    options.bytewise = GetParam();
    TlsWorld world(options);
    std::string serverVersion;
    std::string clientVersion;
    const auto serves = server();
    const auto asks = client();
    world.there->onData = [&](Transport& transport, Bytes) {
        if (world.there->data == "STARTTLS\n") {
            world.there->data.clear();
            transport.write(Bytes("go ahead\n"));
            startTlsServer(transport, serves);
        } else if (world.there->data == "secret") {
            world.there->transport->write(Bytes("heard"));
        }
    };
    world.here->onMade = [](Transport& transport) { transport.write(Bytes("STARTTLS\n")); };
    world.here->onData = [&](Transport& transport, Bytes) {
        if (world.here->data == "go ahead\n") {
            world.here->data.clear();
            startTlsClient(transport, asks, "server.example");
            // May be written at once: it waits for the handshake.
            world.here->transport = nullptr;
        }
    };
    world.port = world.reactor.listenTCP(443, makeFactory([&](const Address&) {
                                             return std::make_unique<Upgradable>(world.there, serverVersion);
                                         }));
    world.reactor
        .connectTCP("server.example", 443, makeFactory([&](const Address&) {
                        return std::make_unique<Upgradable>(world.here, clientVersion);
                    }))
        .addBoth([] {})
        .detach();
    world.reactor.runUntil([&] { return !serverVersion.empty() && !clientVersion.empty(); });
    EXPECT_EQ(serverVersion, "TLSv1.3");
    EXPECT_EQ(clientVersion, "TLSv1.3");
    ASSERT_TRUE(world.here->transport && world.here->transport->tls());
    world.here->transport->write(Bytes("secret"));
    world.reactor.runUntil([&] { return world.here->data == "heard"; });
    EXPECT_EQ(world.there->data, "secret");
    EXPECT_EQ(world.here->data, "heard");
    world.here->transport->loseConnection();
    world.reactor.runUntilIdle();
    EXPECT_TRUE(world.there->lost->check<ConnectionDone>()) << world.there->lostMessage();
}

/// A connection without a secret, then one that goes on with its session, as FTP's data connections do.
TEST(StartTlsLike, ResumesTheSessionOfTheFirst) {
    const auto serves = server();
    TlsWorld world;
    world.meet(serves, client());
    const std::string first = world.there->tls.origin;
    world.there->transport->write("x"); // and the ticket in front of it
    world.reactor.runUntil([&] { return world.here->data == "x"; });

    const auto ours = std::make_shared<Seen>();
    const auto theirs = std::make_shared<Seen>();
    std::array<std::string, 2> versions;
    ours->onMade = [&](Transport& plain) { startTlsClientLike(plain, *world.here->transport); };
    theirs->onMade = [&](Transport& plain) { startTlsServerWithoutTickets(plain, serves); };
    const auto port = world.reactor.listenTCP(1000, makeFactory([&](const Address&) {
                                                  return std::make_unique<Upgradable>(theirs, versions[0]);
                                              }));
    for (int i = 0; i < 3; ++i) {
        versions[0].clear();
        const auto made =
            makeFactory([&](const Address&) { return std::make_unique<Upgradable>(ours, versions[1]); });
        world.reactor.connectTCP("server.example", 1000, made).addBoth([] {}).detach();
        world.reactor.runUntil([&] { return !versions[0].empty(); });
        ASSERT_TRUE(theirs->transport) << theirs->lostMessage();
        EXPECT_TRUE(theirs->transport->tls()->resumed);
        EXPECT_EQ(theirs->transport->tls()->origin, first);
        theirs->transport->loseConnection();
        world.reactor.runUntil([&] { return theirs->transport == nullptr; });
    }
}

TEST(StartTlsLike, NeedsAConnectionThatIsSecured) {
    TlsWorld world;
    world.port = world.reactor.listenTCP(1000, recorders(world.there));
    world.reactor.connectTCP("server.example", 1000, recorders(world.here)).addBoth([] {}).detach();
    world.reactor.runUntil([&] { return world.here->made && world.there->made; });
    EXPECT_THROW(startTlsClientLike(*world.here->transport, *world.here->transport), std::invalid_argument);
    EXPECT_THROW(giveTlsTicket(*world.there->transport), std::invalid_argument);
}

INSTANTIATE_TEST_SUITE_P(Deliveries, StartTls, testing::Bool());

/// Writes as soon as it has started TLS, without waiting for the handshake.
class Eager : public Recorder {
public:
    Eager(std::shared_ptr<Seen> seen, std::shared_ptr<const TlsContext> context)
        : Recorder(std::move(seen)), context_(std::move(context)) {}
    void connectionMade() override {
        Recorder::connectionMade();
        startTlsClient(transport(), context_, "server.example");
        transport().write(Bytes("early bird"));
        transport().loseConnection();
    }

private:
    std::shared_ptr<const TlsContext> context_;
};

TEST(StartTlsEarly, WhatIsWrittenBeforeTheHandshakeWaitsForIt) {
    TlsWorld world;
    world.listen(server());
    const auto context = client();
    world.reactor
        .connectTCP("server.example", 443, makeFactory([&](const Address&) {
                        return std::make_unique<Eager>(world.here, context);
                    }))
        .addBoth([] {})
        .detach();
    world.reactor.runUntilIdle();
    EXPECT_EQ(world.there->data, "early bird");
    EXPECT_TRUE(world.there->lost->check<ConnectionDone>()) << world.there->lostMessage();
    EXPECT_TRUE(world.here->lost->check<ConnectionDone>()) << world.here->lostMessage();
}

TEST(TlsOverTls, Works) {
    TlsWorld world;
    const auto outer = server();
    const auto asks = client();
    world.port = world.reactor.listenTCP(
        443, makeFactory([&](const Address&) {
            return outer->serverProtocol(outer->serverProtocol(std::make_unique<Recorder>(world.there)));
        })
    );
    world.reactor
        .connectTCP("server.example", 443, makeFactory([&](const Address&) {
                        auto inner =
                            asks->clientProtocol(std::make_unique<Recorder>(world.here), "server.example");
                        return asks->clientProtocol(std::move(inner), "server.example");
                    }))
        .addBoth([] {})
        .detach();
    world.reactor.runUntil([&] { return world.here->made && world.there->made; });
    ASSERT_TRUE(world.here->made && world.there->made) << world.here->lostMessage();
    const std::string much(500'000, 'y');
    world.here->transport->write(Bytes(much));
    world.here->transport->loseConnection();
    world.reactor.runUntilIdle();
    EXPECT_TRUE(world.there->data == much);
    EXPECT_TRUE(world.there->lost->check<ConnectionDone>()) << world.there->lostMessage();
    EXPECT_TRUE(world.here->lost->check<ConnectionDone>()) << world.here->lostMessage();
}

/// Whatever the network does, both ends learn of the end, and what arrived is the beginning of what was sent.
TEST(TlsFaults, EverySeedEndsInOrder) {
    const auto serves = server();
    const auto asks = client();
    const std::string text(200'000, 'z');
    int whole = 0;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        SimOptions options(seed);
        options.reset = seed % 2 == 0 ? 0.02 : 0.0;
        TlsWorld world(options);
        world.there->onMade = [&](Transport& transport) {
            transport.write(Bytes(text));
            transport.loseConnection();
        };
        world.meet(serves, asks);
        world.reactor.runUntilIdle();
        EXPECT_TRUE(!world.there->made || world.there->lost) << "seed " << seed;
        EXPECT_TRUE(!world.here->made || world.here->lost) << "seed " << seed;
        EXPECT_EQ(text.compare(0, world.here->data.size(), world.here->data), 0) << "seed " << seed;
        const bool all = world.here->data.size() == text.size();
        EXPECT_TRUE(all || !world.here->readClosed) << "a cut was taken for the end; seed " << seed;
        whole += all ? 1 : 0;
    }
    EXPECT_GE(whole, 50);
}

} // namespace
} // namespace twistdpp::test
