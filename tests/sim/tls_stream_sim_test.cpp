// layers: tls
#include "sim/tls_world.h"

#include <cstdlib>
#include <gmock/gmock.h>
#include <unistd.h>

namespace twistdpp::test {
namespace {

using testing::HasSubstr;

std::string pattern(std::size_t size) {
    std::string text(size, '\0');
    std::uint32_t state = 1;
    for (char& c : text) {
        state = state * 1664525U + 1013904223U;
        c = static_cast<char>(state >> 24);
    }
    return text;
}

/// A file that has a name only until it is open.
SharedFile fileOf(const std::string& content) {
    char name[] = "/tmp/tls_stream_XXXXXX";
    UniqueFd fd(::mkstemp(name));
    ::unlink(name);
    EXPECT_EQ(::write(fd.get(), content.data(), content.size()), static_cast<ssize_t>(content.size()));
    return std::make_shared<const UniqueFd>(std::move(fd));
}

/// With sockets as they come and with one byte at a time.
class TlsStream : public testing::TestWithParam<bool> {
protected:
    static SimOptions options() {
        SimOptions made;
        made.bytewise = GetParam();
        return made;
    }
    static std::size_t large() { return GetParam() ? 40'000 : 3'000'000; }

    TlsWorld world{options()};
};

TEST_P(TlsStream, CarriesMuchInBothDirections) {
    const std::string up = pattern(large());
    const std::string down = pattern(large() + 7);
    world.meet(server(), client());
    WriteLimits reading;
    reading.pauseReading = false; // two ends that both wait until they were read would wait for ever
    world.here->transport->setWriteLimits(reading);
    world.there->transport->setWriteLimits(reading);
    world.here->transport->write(Bytes(up));
    world.there->transport->write(Buffer(Bytes(down)));
    world.reactor.runUntil([&] {
        return world.there->data.size() == up.size() && world.here->data.size() == down.size();
    });
    EXPECT_EQ(world.there->data.size(), up.size()) << world.there->lostMessage();
    EXPECT_TRUE(world.there->data == up);
    EXPECT_TRUE(world.here->data == down);
}

TEST_P(TlsStream, KeepsTheOrderOfBytesBuffersAndFiles) {
    const std::string content = pattern(large());
    const SharedFile file = fileOf(content);
    world.there->onMade = [&](Transport& transport) {
        transport.write(Bytes("head "));
        transport.writeFile(FileRange(file, 5, content.size() - 5));
        transport.write(Buffer(Bytes(" tail")));
        transport.loseConnection();
    };
    world.meet(server(), client());
    world.reactor.runUntilIdle();
    EXPECT_TRUE(world.here->data == "head " + content.substr(5) + " tail");
    EXPECT_TRUE(world.here->readClosed);
    EXPECT_TRUE(world.here->lost->check<ConnectionDone>()) << world.here->lostMessage();
    EXPECT_TRUE(world.there->lost->check<ConnectionDone>()) << world.there->lostMessage();
}

TEST_P(TlsStream, ClosesWithCloseNotifyInBothDirections) {
    world.meet(server(), client());
    world.here->transport->write(Bytes("last words"));
    world.here->transport->loseConnection();
    EXPECT_TRUE(world.here->transport->closing());
    world.reactor.runUntilIdle();
    EXPECT_EQ(world.there->data, "last words");
    EXPECT_TRUE(world.there->readClosed);
    EXPECT_TRUE(world.here->lost->check<ConnectionDone>()) << world.here->lostMessage();
    EXPECT_TRUE(world.there->lost->check<ConnectionDone>()) << world.there->lostMessage();
    EXPECT_LT(world.reactor.elapsed(), std::chrono::seconds(5)); // nobody had to wait for the limit
}

TEST_P(TlsStream, OneDirectionMayCloseBeforeTheOther) {
    world.there->closeOnEof = false;
    world.meet(server(), client());
    world.here->transport->write(Bytes("question"));
    world.here->transport->loseWriteConnection();
    world.here->transport->write(Bytes("too late"));
    world.reactor.runUntil([&] { return world.there->readClosed; });
    EXPECT_EQ(world.there->data, "question");
    world.there->transport->write(Bytes("answer"));
    world.there->transport->loseConnection();
    world.reactor.runUntilIdle();
    EXPECT_EQ(world.here->data, "answer");
    EXPECT_TRUE(world.here->lost->check<ConnectionDone>()) << world.here->lostMessage();
    EXPECT_TRUE(world.there->lost->check<ConnectionDone>()) << world.there->lostMessage();
}

TEST_P(TlsStream, BothMayCloseAtOnce) {
    world.meet(server(), client());
    world.here->transport->loseConnection();
    world.there->transport->loseConnection();
    world.reactor.runUntilIdle();
    EXPECT_TRUE(world.here->lost->check<ConnectionDone>()) << world.here->lostMessage();
    EXPECT_TRUE(world.there->lost->check<ConnectionDone>()) << world.there->lostMessage();
}

TEST_P(TlsStream, PausingHoldsWhatHasArrivedAlready) {
    world.there->onData = [&](Transport& transport, Bytes) { transport.pauseProducing(); };
    world.meet(server(), client());
    for (int i = 0; i < 20; ++i)
        world.here->transport->write(Buffer(Bytes(pattern(16'384))));
    world.reactor.advance(std::chrono::seconds(10));
    ASSERT_EQ(world.there->calls, 1U);
    const std::size_t first = world.there->data.size();
    EXPECT_LE(first, 64U * 1024);
    world.reactor.advance(std::chrono::seconds(10));
    EXPECT_EQ(world.there->data.size(), first);
    world.there->onData = nullptr;
    world.there->transport->resumeProducing();
    EXPECT_EQ(world.there->data.size(), first) << "not inside the call";
    world.reactor.runUntil([&] { return world.there->data.size() == 20U * 16'384; });
    EXPECT_EQ(world.there->data.size(), 20U * 16'384);
}

TEST_P(TlsStream, TheEndIsToldAlsoToAProtocolThatHadPaused) {
    world.there->onData = [&](Transport& transport, Bytes) { transport.pauseProducing(); };
    world.meet(server(), client());
    world.here->transport->write(Bytes("a"));
    world.reactor.runUntil([&] { return world.there->calls == 1; });
    world.here->transport->write(Bytes("b"));
    world.here->transport->loseConnection();
    world.reactor.advance(std::chrono::seconds(1));
    world.there->onData = nullptr;
    world.there->transport->resumeProducing();
    world.reactor.runUntilIdle();
    EXPECT_EQ(world.there->data, "ab");
    EXPECT_TRUE(world.there->readClosed);
    EXPECT_TRUE(world.there->lost->check<ConnectionDone>()) << world.there->lostMessage();
}

INSTANTIATE_TEST_SUITE_P(Deliveries, TlsStream, testing::Bool(), [](const auto& delivery) {
    return std::string(delivery.param ? "Bytewise" : "InPieces");
});

TEST(TlsBackpressure, EncryptsOnlyWhatThePeerTakes) {
    TlsWorld world;
    world.meet(server(), client());
    Transport& transport = *world.there->transport;
    world.here->transport->pauseProducing();
    transport.write(Buffer(Bytes(pattern(8 * 1024 * 1024))));
    world.reactor.advance(std::chrono::seconds(20));
    ASSERT_FALSE(world.there->lost.has_value()) << world.there->lostMessage() << world.here->lostMessage();
    EXPECT_GT(transport.queued(), 7U * 1024 * 1024);
    world.here->transport->resumeProducing();
    world.reactor.runUntilIdle();
    EXPECT_EQ(world.here->data.size(), 8U * 1024 * 1024);
    EXPECT_EQ(transport.queued(), 0U);
    EXPECT_EQ(world.there->writable, 1);
}

/// The low mark lies above what waits below after the last record, so that drained() fires in the midst of
/// it.
TEST(TlsBackpressure, WhoHasWaitedForRoomMayWriteMoreAndClose) {
    TlsWorld world;
    world.meet(server(), client());
    Transport& transport = *world.there->transport;
    transport.setWriteLimits({2 * 1024 * 1024, 512 * 1024});
    const SharedFile file = fileOf(pattern(1'000'000));
    world.here->transport->pauseProducing();
    transport.writeFile(FileRange(file, 0, 1'000'000));
    transport.drained()
        .addCallback([&] {
            transport.writeFile(FileRange(file, 0, 500'000));
            transport.loseConnection();
        })
        .detach();
    world.reactor.advance(std::chrono::seconds(1));
    EXPECT_FALSE(transport.closing());
    const TimePoint begun = world.reactor.now();
    world.here->transport->resumeProducing();
    world.reactor.runUntil([&] { return world.there->lost.has_value(); });
    EXPECT_EQ(world.here->data.size(), 1'500'000U);
    EXPECT_TRUE(world.there->lost->check<ConnectionDone>()) << world.there->lostMessage();
    EXPECT_LT(world.reactor.now() - begun, std::chrono::seconds(1));
}

TEST(TlsBackpressure, WritableKeepsAProducerGoing) {
    TlsWorld world;
    std::size_t produced = 0;
    constexpr std::size_t kAll = 2'000'000;
    const std::string block = pattern(10'000);
    const auto produce = [&](Transport& transport) {
        while (transport.queued() <= 64 * 1024 && produced < kAll) {
            transport.write(Bytes(block));
            produced += block.size();
        }
        if (produced >= kAll)
            transport.loseConnection();
    };
    world.there->onMade = produce;
    world.there->onWritable = produce;
    world.meet(server(), client());
    world.reactor.runUntilIdle();
    EXPECT_EQ(world.here->data.size(), kAll);
    EXPECT_GT(world.there->writable, 10);
}

TEST(TlsBackpressure, WorksWithSmallMarks) {
    TlsWorld world;
    WriteLimits small;
    small.high = 2'000;
    small.low = 500;
    int blocks = 0;
    const auto produce = [&](Transport& transport) {
        while (transport.queued() <= small.high && blocks < 300) {
            transport.write(Bytes(std::string(700, 'x')));
            ++blocks;
        }
    };
    world.there->onMade = [&](Transport& transport) {
        transport.setWriteLimits(small);
        produce(transport);
    };
    world.there->onWritable = produce;
    world.meet(server(), client());
    world.reactor.runUntilIdle(std::chrono::seconds(50));
    EXPECT_EQ(world.here->data.size(), 300U * 700);
}

TEST(TlsBackpressure, AMarkThatIsLoweredWhileMuchWaitsDoesNotStall) {
    TlsWorld world;
    world.meet(server(), client());
    world.here->transport->pauseProducing();
    Transport& transport = *world.there->transport;
    transport.write(Bytes(pattern(120'000)));
    world.reactor.advance(std::chrono::seconds(1));
    WriteLimits small;
    small.high = 1'000;
    small.low = 100;
    transport.setWriteLimits(small);
    transport.write(Bytes(pattern(5'000)));
    world.here->transport->resumeProducing();
    world.reactor.runUntilIdle(std::chrono::seconds(50));
    EXPECT_EQ(world.here->data.size(), 125'000U);
}

TEST(TlsBackpressure, DrainedFiresWhenLittleIsLeft) {
    TlsWorld world;
    world.meet(server(), client());
    Transport& transport = *world.there->transport;
    EXPECT_TRUE(transport.drained().called());
    world.here->transport->pauseProducing();
    transport.write(Buffer(Bytes(pattern(1'000'000))));
    bool drained = false;
    transport.drained().addCallback([&] { drained = true; }).detach();
    world.reactor.advance(std::chrono::seconds(1));
    EXPECT_FALSE(drained);
    world.here->transport->resumeProducing();
    world.reactor.runUntil([&] { return drained; });
    EXPECT_TRUE(drained);
    EXPECT_LE(transport.queued(), 16U * 1024);
}

TEST(TlsBackpressure, DrainedFailsWithTheConnection) {
    TlsWorld world;
    world.meet(server(), client());
    world.here->transport->pauseProducing();
    world.there->transport->write(Buffer(Bytes(pattern(1'000'000))));
    std::string why;
    world.there->transport->drained().addErrback([&](const Failure& reason) { why = reason.message(); }
    ).detach();
    world.reactor.advance(std::chrono::seconds(1));
    world.there->transport->abortConnection();
    world.reactor.runUntilIdle();
    EXPECT_EQ(why, "connection aborted");
}

TEST(TlsBackpressure, AboveTheHardLimitTheConnectionIsAborted) {
    TlsWorld world;
    world.meet(server(), client());
    WriteLimits limits;
    limits.hard = 100'000;
    world.there->transport->setWriteLimits(limits);
    world.there->transport->write(Bytes(pattern(200'000)));
    world.reactor.runUntilIdle();
    EXPECT_THAT(world.there->lostMessage(), HasSubstr("more than 100000 bytes wait"));
    EXPECT_TRUE(world.here->lost.has_value());
}

TEST(TlsBackpressure, APeerThatSendsAndNeverReadsIsNoLongerRead) {
    TlsWorld world;
    const std::string answer = pattern(10'000);
    world.there->onData = [&](Transport& transport, Bytes) { transport.write(Bytes(answer)); };
    world.meet(server(), client());
    world.here->transport->pauseProducing();
    std::function<void()> ask;
    Timer next;
    int asked = 0;
    ask = [&] {
        world.here->transport->write(Bytes("x"));
        if (++asked < 1'000)
            next = world.reactor.callLater(std::chrono::milliseconds(10), [&] { ask(); });
    };
    ask();
    world.reactor.advance(std::chrono::seconds(15));
    EXPECT_EQ(asked, 1'000);
    EXPECT_LT(world.there->calls, 50U);
    EXPECT_LT(world.there->transport->queued(), 200'000U);
}

TEST(TlsFile, ThatBecomesShorterAbortsTheConnection) {
    TlsWorld world;
    const SharedFile file = fileOf(pattern(100'000));
    world.meet(server(), client());
    world.there->transport->writeFile(FileRange(file, 0, 200'000));
    world.reactor.runUntilIdle();
    EXPECT_THAT(world.there->lostMessage(), HasSubstr("a file became shorter"));
    EXPECT_FALSE(world.here->lost->check<ConnectionDone>()) << "the peer must not take the cut for the end";
}

TEST(TlsRecords, WhatOneEventWritesBecomesOneRecord) {
    TlsWorld world(SimOptions::calm());
    world.there->onMade = [](Transport& transport) {
        for (int i = 0; i < 100; ++i)
            transport.write(Bytes("word "));
    };
    world.meet(server(), client());
    world.reactor.runUntil([&] { return world.here->data.size() == 500; });
    EXPECT_EQ(world.here->calls, 1U);
}

} // namespace
} // namespace twistdpp::test
