#include "twistdpp/net/line_receiver.h"

#include "unit/net/doubles.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace twistdpp {

namespace {

using test::FakeTransport;
using test::ManualReactor;
using Lines = std::vector<std::string>;

/// Writes down what it is given; a line may be a command, as in a small mail server.
class Recorder : public LineReceiver {
public:
    using LineReceiver::clearLineBuffer;
    using LineReceiver::LineReceiver;
    using LineReceiver::pauseProducing;
    using LineReceiver::resumeProducing;
    using LineReceiver::setLineMode;
    using LineReceiver::setRawMode;

    void lineReceived(Bytes line) override {
        lines.emplace_back(line);
        if (line == "DATA 4") {
            wanted = 4;
            setRawMode();
        } else if (line == "PAUSE") {
            pauseProducing();
        } else if (line == "PAUSE-RESUME") {
            pauseProducing();
            resumeProducing();
        } else if (line == "QUIT") {
            transport().loseConnection();
        } else if (line == "STARTTLS") {
            cleared = clearLineBuffer();
        }
    }
    void rawDataReceived(Bytes data) override {
        const Bytes mine = data.substr(0, wanted);
        raw.append(mine);
        wanted -= mine.size();
        if (wanted == 0)
            setLineMode(data.substr(mine.size()));
    }
    void lineLengthExceeded(Bytes beginning) override {
        tooLong.emplace_back(beginning);
        if (closeOnTooLong)
            LineReceiver::lineLengthExceeded(beginning);
    }

    Lines lines;
    Lines tooLong;
    std::string raw;
    std::string cleared;
    std::size_t wanted = 0;
    bool closeOnTooLong = false;
};

class LineReceiverTest : public testing::Test {
protected:
    Recorder& begin(std::size_t max = LineReceiver::kMaxLength, LineEnd lineEnd = LineEnd::crlf) {
        return transport.attach(std::make_unique<Recorder>(max, lineEnd));
    }
    ManualReactor reactor;
    FakeTransport transport{reactor};
};

} // namespace

TEST_F(LineReceiverTest, CutsWhatComesIntoLines) {
    Recorder& recorder = begin();
    transport.deliver("one\r\n\r\nthree\r\nfo");
    transport.deliver("ur\r\n");
    EXPECT_EQ(recorder.lines, (Lines{"one", "", "three", "four"}));
}

TEST_F(LineReceiverTest, TheCutsOfTheNetworkMakeNoDifference) {
    const std::string text = "one\r\n\r\nDATA 4\r\nab\r\nfive\r\nsix\n\r\n";
    for (std::size_t at = 0; at <= text.size(); ++at) {
        FakeTransport other(reactor);
        Recorder& recorder = other.attach(std::make_unique<Recorder>());
        if (at == 0) {
            other.deliverByByte(text);
        } else {
            other.deliver(text.substr(0, at));
            if (at < text.size())
                other.deliver(text.substr(at));
        }
        EXPECT_EQ(recorder.lines, (Lines{"one", "", "DATA 4", "five", "six\n"})) << "cut at " << at;
        EXPECT_EQ(recorder.raw, "ab\r\n") << "cut at " << at;
    }
}

TEST_F(LineReceiverTest, ABareLfEndsALineOnlyWhenAskedTo) {
    Recorder& strict = begin();
    transport.deliver("a\nb\r\n");
    EXPECT_EQ(strict.lines, (Lines{"a\nb"}));

    FakeTransport other(reactor);
    Recorder& lenient = other.attach(std::make_unique<Recorder>(100U, LineEnd::crlfOrLf));
    other.deliver("a\nb\r\nc\rd\n");
    EXPECT_EQ(lenient.lines, (Lines{"a", "b", "c\rd"}));
}

TEST_F(LineReceiverTest, ALineOfTheGreatestLengthPasses) {
    Recorder& recorder = begin(5);
    transport.deliverByByte("12345\r\n");
    transport.deliver("12345\r\n");
    EXPECT_EQ(recorder.lines, (Lines{"12345", "12345"}));
    EXPECT_TRUE(recorder.tooLong.empty());
}

TEST_F(LineReceiverTest, ALongerLineIsToldOnceAndSkipped) {
    Recorder& recorder = begin(5);
    transport.deliverByByte("123456789\r\nnext\r\n");
    transport.deliver("123456\r\nlast\r\n");
    EXPECT_EQ(recorder.tooLong, (Lines{"123456", "123456"}));
    EXPECT_EQ(recorder.lines, (Lines{"next", "last"}));
}

TEST_F(LineReceiverTest, TheEndOfASkippedLineMayBeCutInTwo) {
    Recorder& recorder = begin(5);
    transport.deliver("1234567\r");
    transport.deliver("\nnext\r\n");
    transport.deliver("1234567");
    transport.deliver("89\r");
    transport.deliver("\nlast\r\n");
    EXPECT_EQ(recorder.lines, (Lines{"next", "last"}));
    EXPECT_EQ(recorder.tooLong.size(), 2U);
}

TEST_F(LineReceiverTest, ByDefaultALongLineClosesTheConnection) {
    Recorder& recorder = begin(5);
    recorder.closeOnTooLong = true;
    transport.deliver("123456789\r\nnext\r\n");
    EXPECT_TRUE(transport.losing);
    EXPECT_TRUE(recorder.lines.empty());
}

TEST_F(LineReceiverTest, NothingIsDeliveredOnceTheConnectionIsClosing) {
    Recorder& recorder = begin();
    transport.deliver("QUIT\r\nnever\r\n");
    EXPECT_EQ(recorder.lines, (Lines{"QUIT"}));
}

TEST_F(LineReceiverTest, APauseHoldsTheLinesThatAreHereAlready) {
    Recorder& recorder = begin();
    transport.deliver("PAUSE\r\none\r\ntw");
    EXPECT_TRUE(transport.paused);
    EXPECT_EQ(recorder.lines, (Lines{"PAUSE"}));
    transport.deliver("o\r\n"); // a layer below had it on its way
    EXPECT_EQ(recorder.lines, (Lines{"PAUSE"}));
    recorder.resumeProducing();
    EXPECT_FALSE(transport.paused);
    EXPECT_EQ(recorder.lines, (Lines{"PAUSE", "one", "two"}));
    EXPECT_EQ(transport.corked, 0);
}

TEST_F(LineReceiverTest, AHeldLineMayPauseAgain) {
    Recorder& recorder = begin();
    transport.deliver("PAUSE\r\nPAUSE\r\none\r\n");
    recorder.resumeProducing();
    EXPECT_TRUE(transport.paused);
    EXPECT_EQ(recorder.lines, (Lines{"PAUSE", "PAUSE"}));
    recorder.resumeProducing();
    EXPECT_EQ(recorder.lines.back(), "one");
    EXPECT_FALSE(transport.paused);
}

TEST_F(LineReceiverTest, APauseThatIsOverAtOnceChangesNothing) {
    Recorder& recorder = begin();
    transport.deliver("PAUSE-RESUME\r\none\r\n");
    EXPECT_EQ(recorder.lines, (Lines{"PAUSE-RESUME", "one"}));
    EXPECT_FALSE(transport.paused);
}

TEST_F(LineReceiverTest, WhatWasSentBeforeTheEncryptionCanBeThrownAway) {
    Recorder& recorder = begin();
    transport.deliver("STARTTLS\r\nMAIL FROM:<evil>\r\nRC");
    EXPECT_EQ(recorder.lines, (Lines{"STARTTLS"}));
    EXPECT_EQ(recorder.cleared, "MAIL FROM:<evil>\r\nRC");
    transport.deliver("EHLO\r\n");
    EXPECT_EQ(recorder.lines.back(), "EHLO");
}

TEST_F(LineReceiverTest, RawModeBeginsWithWhatWasKept) {
    Recorder& recorder = begin();
    transport.deliver("ab");
    recorder.wanted = 3;
    recorder.setRawMode();
    transport.deliver("cd\r\n");
    EXPECT_EQ(recorder.raw, "abc");
    EXPECT_EQ(recorder.lines, (Lines{"d"}));
}

TEST_F(LineReceiverTest, LineModeMayReadBytesOfAnotherOrigin) {
    Recorder& recorder = begin();
    recorder.setRawMode();
    recorder.setLineMode("from elsewhere\r\nand");
    transport.deliver(" on\r\n");
    EXPECT_EQ(recorder.lines, (Lines{"from elsewhere", "and on"}));
}

TEST_F(LineReceiverTest, SendLineAddsTheLineEnd) {
    Recorder& recorder = begin();
    recorder.sendLine("250 ok");
    EXPECT_EQ(transport.sent(), "250 ok\r\n");
}

} // namespace twistdpp
