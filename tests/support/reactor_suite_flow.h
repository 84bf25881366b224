#pragma once
// Much data: order, backpressure, files.
#include "support/reactor_suite.h"
#include "twistdpp/base/file.h"

#include <cstdio>
#include <string>
#include <unistd.h>

namespace twistdpp::test {

namespace {

constexpr std::size_t kMuch = 4 * 1024 * 1024;

/// An unnamed file with `content`.
SharedFile fileOf(const std::string& content) {
    std::FILE* const file = std::tmpfile();
    std::fwrite(content.data(), 1, content.size(), file);
    std::fflush(file);
    auto shared = std::make_shared<const UniqueFd>(::dup(::fileno(file)));
    std::fclose(file);
    return shared;
}

/// How much is sent in tests that a narrow network makes long.
std::size_t much(const Bench& bench) {
    return bench.narrow ? 20'000 : kMuch;
}

/// Sends `data` in pieces, waiting for the queue to drain between them.
Deferred<void> sendAll(Transport& transport, const std::string& data) {
    for (std::size_t at = 0; at < data.size(); at += 100'000) {
        transport.write(Bytes(data).substr(at, 100'000));
        co_await transport.drained();
    }
}

} // namespace

REACTOR_TEST(MuchDataArrivesWholeAndInOrder) {
    Conversation talk(bench);
    talk.server->onData = [](Transport& transport, Bytes data) { transport.write(data); };
    talk.connect();
    const std::string data = pattern(much(bench));
    auto sent = sendAll(*talk.client->transport, data);
    bench.runUntil([&] { return talk.client->received.size() >= data.size(); });
    EXPECT_TRUE(talk.client->received == data);
    EXPECT_TRUE(bench.wait(std::move(sent)).ok());
}

REACTOR_TEST(AFloodOfUnreadEchoesStaysBounded) {
    Conversation talk(bench);
    std::size_t most = 0;
    talk.server->onData = [&](Transport& transport, Bytes data) {
        transport.write(data);
        most = std::max(most, transport.queued());
    };
    talk.client->onMade = [](Transport& transport) { transport.pauseProducing(); };
    talk.connect();
    const std::string data = pattern(bench.narrow ? 20'000 : 8 * kMuch);
    auto sent = sendAll(*talk.client->transport, data);
    bench.settle(std::chrono::milliseconds(100));
    EXPECT_EQ(talk.client->received.size(), 0U);
    EXPECT_LT(most, 1024U * 1024U);
    if (!bench.narrow) {
        EXPECT_FALSE(sent.called()) << "the sender was never held back";
        EXPECT_LT(talk.server->received.size(), data.size());
    }
    talk.client->transport->resumeProducing();
    bench.runUntil([&] { return talk.client->received.size() >= data.size(); });
    EXPECT_TRUE(talk.client->received == data);
    EXPECT_LT(most, 1024U * 1024U);
    EXPECT_TRUE(bench.wait(std::move(sent)).ok());
}

REACTOR_TEST(WritableIsToldOnceTheQueueHasDrained) {
    Conversation talk(bench);
    talk.server->onMade = [](Transport& transport) { transport.pauseProducing(); };
    talk.connect();
    const std::string data = pattern(kMuch * 2);
    talk.client->transport->write(Bytes(data));
    bench.settle();
    EXPECT_GT(talk.client->transport->queued(), WriteLimits().high);
    EXPECT_EQ(talk.client->writable, 0);
    talk.server->transport->resumeProducing();
    if (bench.narrow)
        return;
    bench.runUntil([&] { return talk.server->received.size() == data.size(); });
    EXPECT_EQ(talk.client->writable, 1);
    EXPECT_EQ(talk.client->transport->queued(), 0U);
}

REACTOR_TEST(DrainedFailsWhenTheConnectionEnds) {
    Conversation talk(bench);
    talk.server->onMade = [](Transport& transport) { transport.pauseProducing(); };
    talk.connect();
    EXPECT_TRUE(talk.client->transport->drained().called());
    talk.client->transport->write(Bytes(pattern(kMuch * 2)));
    auto drained = talk.client->transport->drained();
    bench.settle();
    EXPECT_FALSE(drained.called());
    talk.server->transport->abortConnection();
    const auto outcome = bench.wait(std::move(drained));
    ASSERT_FALSE(outcome.ok());
    EXPECT_TRUE(outcome.failure().check<ConnectionLost>());
}

REACTOR_TEST(TheHardLimitAborts) {
    Conversation talk(bench);
    talk.server->onMade = [](Transport& transport) { transport.pauseProducing(); };
    talk.connect();
    WriteLimits limits;
    limits.hard = 3 * 1024 * 1024;
    talk.client->transport->setWriteLimits(limits);
    const std::string piece = pattern(100'000);
    for (int i = 0; i < 200 && talk.client->transport; ++i) {
        talk.client->transport->write(Bytes(piece));
        bench.settle(std::chrono::milliseconds(1));
    }
    bench.runUntil([&] { return talk.client->destroyed; });
    EXPECT_TRUE(talk.client->lostBy<ConnectionAborted>());
    bench.runUntil([&] { return talk.server->destroyed; });
    EXPECT_TRUE(talk.server->lostBy<ConnectionLost>());
}

REACTOR_TEST(AProtocolMayLookAfterASlowReaderItself) {
    Conversation talk(bench);
    talk.client->onMade = [](Transport& transport) { transport.pauseProducing(); };
    talk.server->onMade = [](Transport& transport) {
        WriteLimits limits;
        limits.pauseReading = false;
        transport.setWriteLimits(limits);
        transport.write(Bytes(pattern(kMuch * 2)));
    };
    talk.connect();
    bench.settle();
    EXPECT_GT(talk.server->transport->queued(), WriteLimits().high);
    talk.client->transport->write(Bytes("still heard"));
    bench.runUntil([&] { return talk.server->received == "still heard"; });
}

REACTOR_TEST(NothingIsDeliveredWhilePaused) {
    Conversation talk(bench);
    talk.server->onMade = [](Transport& transport) { transport.pauseProducing(); };
    talk.connect();
    talk.client->transport->write(Bytes("wait"));
    bench.settle();
    EXPECT_EQ(talk.server->received, "");
    talk.server->transport->resumeProducing();
    bench.runUntil([&] { return talk.server->received == "wait"; });
}

REACTOR_TEST(PausingInsideDataReceivedHoldsTheRest) {
    Conversation talk(bench);
    talk.server->onData = [](Transport& transport, Bytes) { transport.pauseProducing(); };
    talk.connect();
    const std::string data = pattern(bench.narrow ? 50 : 300'000);
    talk.client->transport->write(Bytes(data));
    std::size_t before = 0;
    while (talk.server->received.size() < data.size()) {
        bench.runUntil([&] { return talk.server->received.size() > before; });
        before = talk.server->received.size();
        bench.settle(std::chrono::milliseconds(5));
        EXPECT_EQ(talk.server->received.size(), before);
        talk.server->transport->resumeProducing();
    }
    EXPECT_TRUE(talk.server->received == data);
}

REACTOR_TEST(ALossIsNoticedWhilePaused) {
    Conversation talk(bench);
    talk.server->onMade = [](Transport& transport) { transport.pauseProducing(); };
    talk.connect();
    talk.client->transport->abortConnection();
    bench.runUntil([&] { return talk.server->destroyed; });
    EXPECT_TRUE(talk.server->lostBy<ConnectionLost>());
}

REACTOR_TEST(AnEndIsToldAfterTheBytesBeforeItAlthoughPaused) {
    Conversation talk(bench);
    talk.server->onMade = [](Transport& transport) { transport.pauseProducing(); };
    talk.connect();
    talk.client->transport->write(Bytes("last words"));
    talk.client->transport->loseConnection();
    bench.settle();
    EXPECT_EQ(talk.server->ends, 0);
    talk.server->transport->resumeProducing();
    talk.runUntilOver();
    EXPECT_EQ(talk.server->received, "last words");
    EXPECT_EQ(talk.server->ends, 1);
    EXPECT_TRUE(talk.server->lostBy<ConnectionDone>());
}

REACTOR_TEST(FilesKeepTheirPlaceAmongWrites) {
    Conversation talk(bench);
    const std::string content = pattern(bench.narrow ? 3'000 : 700'000);
    const SharedFile file = fileOf(content);
    std::string expected;
    talk.connect();
    Transport& transport = *talk.client->transport;
    for (std::size_t i = 0; i < 5; ++i) {
        const std::string head = "head " + std::to_string(i) + "\n";
        const std::string tail(5'000, static_cast<char>('a' + i));
        transport.write(Bytes(head));
        transport.writeFile(FileRange(file, i * 100, content.size() - i * 200));
        transport.write(Buffer(Bytes(tail)));
        expected += head + content.substr(i * 100, content.size() - i * 200) + tail;
    }
    transport.loseConnection();
    talk.runUntilOver();
    EXPECT_EQ(talk.server->received.size(), expected.size());
    EXPECT_TRUE(talk.server->received == expected);
}

REACTOR_TEST(AFileThatIsTooShortAbortsTheConnection) {
    Conversation talk(bench);
    talk.connect();
    talk.client->transport->write(Bytes("Content-Length: 1000\r\n\r\n"));
    talk.client->transport->writeFile(FileRange(fileOf("short"), 0, 1000));
    talk.client->transport->write(Bytes("must not follow"));
    talk.runUntilOver();
    EXPECT_TRUE(talk.client->lostBy<ConnectionAborted>());
    EXPECT_TRUE(talk.server->lostBy<ConnectionLost>());
    EXPECT_EQ(talk.server->received.find("must not follow"), std::string::npos);
}

REACTOR_TEST(WritesFromOutsideOfEventsAreSent) {
    Conversation talk(bench);
    talk.connect();
    const Timer timer = bench.reactor->callLater(std::chrono::milliseconds(2), [&] {
        talk.client->transport->write(Bytes("from a timer, "));
        talk.client->transport->write(Buffer(Bytes("twice")));
    });
    bench.runUntil([&] { return talk.server->received == "from a timer, twice"; });
    {
        const Corked corked(*talk.client->transport);
        talk.client->transport->write(Bytes(" and corked"));
        EXPECT_GT(talk.client->transport->queued(), 0U);
    }
    EXPECT_EQ(talk.client->transport->queued(), 0U) << "uncork() sends";
    bench.runUntil([&] { return talk.server->received == "from a timer, twice and corked"; });
}

REACTOR_TEST(ReadingThatIsResumedWhileWritesAreHeldTogetherGoesOn) {
    Conversation talk(bench);
    bool paused = false;
    talk.server->onData = [&](Transport& transport, Bytes) {
        if (talk.server->received == "one" && !std::exchange(paused, true))
            transport.pauseProducing();
    };
    talk.connect();
    talk.client->transport->write(Bytes("one"));
    bench.runUntil([&] { return talk.server->received == "one"; });
    talk.client->transport->write(Bytes("two"));
    bench.settle(std::chrono::milliseconds(20));
    EXPECT_EQ(talk.server->received, "one");
    {
        const Corked together(*talk.server->transport);
        talk.server->transport->resumeProducing();
    }
    bench.runUntil([&] { return talk.server->received == "onetwo"; });
    EXPECT_EQ(talk.server->received, "onetwo");
}

} // namespace twistdpp::test
