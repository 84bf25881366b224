#include "twistdpp/net/stream.h"

#include "support/expect.h"
#include "twistdpp/base/log.h"
#include "unit/net/doubles.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace twistdpp {

namespace {

using test::FakeTransport;
using test::ManualReactor;
using Strings = std::vector<std::string>;

/// Keeps what is logged while it lives.
class LogRecorder final : public LogSink {
public:
    LogRecorder() : before_(setLogSink(this)) {}
    ~LogRecorder() override { setLogSink(before_); }
    bool wants(LogLevel, Bytes) const noexcept override { return true; }
    void write(LogLevel, Bytes name, Bytes text) noexcept override {
        lines.push_back(std::string(name) + " " + std::string(text));
    }
    Strings lines;

private:
    LogSink* before_;
};

Deferred<void> greet(Stream stream) {
    const std::string name = co_await stream.readLine();
    stream.write("Hello, " + name + "\r\n");
}

Deferred<void> echo(Stream stream) {
    for (;;) {
        const Bytes some = co_await stream.read();
        if (some.empty())
            co_return;
        stream.write(some);
    }
}

class StreamTest : public testing::Test {
protected:
    void serve(StreamHandler handler) {
        factory = makeStreamFactory(std::move(handler));
        transport.accept(*factory);
    }
    /// A stream that the test itself reads, its handler waiting for nothing.
    Stream open() {
        std::optional<Stream> out;
        serve([&](Stream stream) -> Deferred<void> {
            out = stream;
            return handlerEnd.emplace().deferred();
        });
        return *out;
    }
    void endHandler() { handlerEnd->callback(); }

    std::optional<Promise<void>> handlerEnd;
    ManualReactor reactor;
    FakeTransport transport{reactor};
    std::shared_ptr<Factory> factory;
    LogRecorder log;
};

/// Fed and read by hand: the handler is over by the test's end.
class ReadTest : public StreamTest {
protected:
    void SetUp() override { stream = open(); }
    void TearDown() override {
        endHandler();
        stream = Stream();
    }
    template <class T>
    static std::string text(Deferred<T> read) {
        EXPECT_TRUE(read.called());
        if (!read.called())
            return "<pending>";
        Outcome<T> outcome = std::move(read).take();
        return outcome.ok() ? std::string(outcome.value()) : "<" + outcome.failure().message() + ">";
    }
    Stream stream;
};

} // namespace

TEST_F(StreamTest, TheEndOfTheHandlerClosesTheConnection) {
    serve(&greet);
    EXPECT_FALSE(transport.losing);
    transport.deliverByByte("World\r\n");
    EXPECT_EQ(transport.sent(), "Hello, World\r\n");
    EXPECT_TRUE(transport.losing);
    EXPECT_TRUE(log.lines.empty());
}

TEST_F(StreamTest, EveryConnectionHasAHandlerOfItsOwn) {
    serve(&greet);
    FakeTransport second(reactor);
    second.accept(*factory);
    transport.deliver("A\n");
    second.deliver("B\n");
    EXPECT_EQ(transport.sent(), "Hello, A\r\n");
    EXPECT_EQ(second.sent(), "Hello, B\r\n");
}

TEST_F(StreamTest, ReadsGoOnUntilThePeerEnds) {
    serve(&echo);
    transport.deliver("abc");
    transport.deliver("def");
    EXPECT_EQ(transport.sent(), "abcdef");
    transport.halfClose();
    EXPECT_TRUE(transport.losing);
}

TEST_F(StreamTest, TheEndOfTheConnectionEndsTheHandlersRead) {
    serve(&greet);
    transport.deliver("Wor");
    transport.lose(ConnectionLost());
    EXPECT_TRUE(log.lines.empty()) << "a peer that goes away is no error of the handler";
}

TEST_F(StreamTest, AnExceptionOfTheHandlerIsLoggedAndAborts) {
    serve([](Stream) -> Deferred<void> { throw std::runtime_error("out of tea"); });
    EXPECT_EQ(log.lines, (Strings{"net.stream 192.0.2.1:5000: the handler failed: out of tea"}));
    EXPECT_TRUE(transport.aborted);
}

TEST_F(StreamTest, AFailureOfAnotherConnectionIsAnErrorToo) {
    serve([](Stream) -> Deferred<void> { return Failure(ConnectionLost("upstream")); });
    EXPECT_EQ(log.lines.size(), 1U);
    EXPECT_TRUE(transport.aborted);
}

TEST_F(StreamTest, APeerThatEndsInTheMiddleIsNoError) {
    serve(&greet);
    transport.deliver("no line end");
    transport.halfClose();
    EXPECT_TRUE(log.lines.empty());
    EXPECT_TRUE(transport.losing);
    EXPECT_FALSE(transport.aborted);
}

TEST_F(StreamTest, AHandlerMayOutliveItsConnection) {
    Stream stream = open();
    transport.deliver("unread");
    transport.lose(ConnectionDone());
    EXPECT_FALSE(stream.connected());
    EXPECT_EQ(stream.peer().toString(), "192.0.2.1:5000");
    EXPECT_EQ(stream.transport(), nullptr);
    stream.write("into the void");
    stream.close();
    auto drained = stream.drain();
    ASSERT_TRUE(drained.called());
    EXPECT_FALSE(std::move(drained).take().ok());
    auto rest = stream.read();
    ASSERT_TRUE(rest.called());
    EXPECT_EQ(std::move(rest).take().value(), "unread");
    endHandler();
}

TEST_F(StreamTest, ALambdaMayBeACoroutineAndKeepItsCaptures) {
    auto captured = std::make_shared<std::string>("captured text that is long enough to be on the heap");
    serve([captured](Stream stream) -> Deferred<void> {
        co_await stream.readLine();
        stream.write(*captured);
    });
    factory.reset(); // the connection lives on without its port
    transport.deliver("go\n");
    EXPECT_EQ(transport.sent(), *captured);
    transport.lose(ConnectionDone());
    EXPECT_EQ(captured.use_count(), 1);
}

TEST_F(StreamTest, ReadingPausesWhileTooMuchIsUnread) {
    Stream stream = open();
    stream.setReadMark(10);
    transport.deliver("0123456789");
    EXPECT_FALSE(transport.paused);
    transport.deliver("a");
    EXPECT_TRUE(transport.paused);
    auto part = stream.readExactly(3);
    EXPECT_TRUE(transport.paused) << "eight bytes are still more than half of the mark";
    EXPECT_EQ(std::move(part).take().value(), "012");
    EXPECT_EQ(stream.readExactly(4).take().value(), "3456");
    EXPECT_FALSE(transport.paused);
    endHandler();
}

TEST_F(StreamTest, AReadOfMoreThanTheMarkDoesNotStall) {
    Stream stream = open();
    stream.setReadMark(4);
    auto all = stream.readExactly(10);
    transport.deliver("01234567");
    EXPECT_FALSE(transport.paused);
    transport.deliver("89xxxxx");
    EXPECT_TRUE(transport.paused);
    ASSERT_TRUE(all.called());
    EXPECT_EQ(std::move(all).take().value(), "0123456789");
    endHandler();
}

TEST_F(StreamTest, DrainWaitsForTheTransport) {
    Stream stream = open();
    transport.queuedBytes = 1000000;
    auto waiting = stream.drain();
    EXPECT_FALSE(waiting.called());
    transport.lose(ConnectionLost());
    ASSERT_TRUE(waiting.called());
    EXPECT_TRUE(std::move(waiting).take().failure().check<ConnectionLost>());
    endHandler();
}

TEST_F(ReadTest, ReadLineAcceptsBothLineEnds) {
    transport.deliver("one\r\ntwo\n\nfour\r\n");
    EXPECT_EQ(text(stream.readLine()), "one");
    EXPECT_EQ(text(stream.readLine()), "two");
    EXPECT_EQ(text(stream.readLine()), "");
    EXPECT_EQ(text(stream.readLine()), "four");
}

TEST_F(ReadTest, ReadLineCanBeStrict) {
    transport.deliver("one\ntwo\r");
    auto line = stream.readLine(100, LineEnd::crlf);
    EXPECT_FALSE(line.called());
    transport.deliver("\n");
    EXPECT_EQ(text(std::move(line)), "one\ntwo");
}

TEST_F(ReadTest, ALineMayBeTooLongAndTheNextIsReadAllTheSame) {
    transport.deliver("12345");
    auto first = stream.readLine(5);
    EXPECT_FALSE(first.called());
    transport.deliver("6");
    EXPECT_EQ(text(std::move(first)), "<a line is longer than 5 bytes>");
    auto second = stream.readLine(5);
    transport.deliver("789\r");
    transport.deliver("\nnext\r\n");
    EXPECT_EQ(text(std::move(second)), "next");
    transport.deliver("too long\nlast\n");
    EXPECT_EQ(text(stream.readLine(5)), "<a line is longer than 5 bytes>");
    EXPECT_EQ(text(stream.readLine(5)), "last");
}

TEST_F(ReadTest, KindsOfReadsMix) {
    transport.deliver("PUT 4\r\nab\r\ntail");
    EXPECT_EQ(text(stream.readLine()), "PUT 4");
    EXPECT_EQ(text(stream.readExactly(4)), "ab\r\n");
    EXPECT_EQ(text(stream.read()), "tail");
    auto more = stream.read();
    EXPECT_FALSE(more.called());
    transport.deliver("!");
    EXPECT_EQ(text(std::move(more)), "!");
}

TEST_F(ReadTest, WhatReadGaveStaysValidWhileMoreArrives) {
    transport.deliver("first");
    const Bytes first = stream.read().take().value();
    for (int i = 0; i < 100; ++i)
        transport.deliver(std::string(1000, 'x'));
    EXPECT_EQ(first, "first");
}

TEST_F(ReadTest, ACancelledReadLosesNoByte) {
    auto line = stream.readLine();
    transport.deliver("half");
    line.cancel();
    EXPECT_EQ(text(std::move(line)), "<cancelled>");
    transport.deliver(" a line\n");
    EXPECT_EQ(text(stream.readLine()), "half a line");
}

TEST_F(ReadTest, TwoReadsAtOnceAreAMistake) {
    auto first = stream.read();
    EXPECT_EQ(text(stream.readLine()), "<a read of this stream is waiting already>");
    transport.deliver("x");
    EXPECT_EQ(text(std::move(first)), "x");
}

TEST_F(ReadTest, AnOrderlyEndIsEmptyToReadAndAnErrorToTheOthers) {
    transport.deliver("ab");
    transport.halfClose();
    EXPECT_EQ(text(stream.readExactly(3)), "<the stream ended in the middle of what was being read>");
    EXPECT_EQ(text(stream.readLine()), "<the stream ended in the middle of what was being read>");
    EXPECT_EQ(text(stream.read()), "ab");
    EXPECT_EQ(text(stream.read()), "");
    EXPECT_EQ(text(stream.read()), "");
}

TEST_F(ReadTest, AnotherEndIsAnErrorOnceAllWasRead) {
    transport.deliver("ab");
    transport.lose(ConnectionLost());
    EXPECT_EQ(text(stream.read()), "ab");
    EXPECT_EQ(text(stream.read()), "<connection lost>");
    EXPECT_EQ(text(stream.readLine()), "<connection lost>");
}

TEST(ConnectStream, GivesTheStreamOfTheConnection) {
    ManualReactor reactor;
    FakeTransport transport(reactor);
    auto connecting = connectStream(reactor, "192.0.2.7", 25);
    ASSERT_EQ(reactor.connected.size(), 1U);
    EXPECT_EQ(reactor.connected[0].address.toString(), "192.0.2.7:25");
    EXPECT_FALSE(connecting.called());
    transport.accept(*reactor.connectFactory);
    transport.deliver("220 hello\r\n");
    reactor.connecting->callback(&transport);
    ASSERT_TRUE(connecting.called());
    {
        const Outcome<Stream> outcome = std::move(connecting).take();
        Stream stream = outcome.value();
        EXPECT_EQ(stream.readLine().take().value(), "220 hello");
        EXPECT_FALSE(transport.losing);
    }
    EXPECT_TRUE(transport.losing) << "the last handle closes the connection";
}

TEST(ConnectStream, FailsAsTheConnectionDoes) {
    ManualReactor reactor;
    auto connecting = connectStream(reactor, "192.0.2.7", 25);
    reactor.connecting->errback(ConnectionRefusedError("192.0.2.7:25"));
    ASSERT_TRUE(connecting.called());
    EXPECT_TRUE(std::move(connecting).take().failure().check<ConnectionRefusedError>());
}

} // namespace twistdpp
