#include "support/string_transport.h"
#include "unit/net/doubles.h"

#include "twistdpp/net/line_receiver.h"
#include "twistdpp/websocket/line_socket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace twistdpp::websocket {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

/// Notes the lines that it gets.
class Lines final : public LineReceiver {
public:
    explicit Lines(std::vector<std::string>& lines)
        : LineReceiver(10'000, LineEnd::crlfOrLf), lines_(lines) {}
    void connectionMade() override { lines_.emplace_back("(made)"); }
    void lineReceived(Bytes line) override { lines_.emplace_back(line); }
    void connectionLost(const Failure&) override { lines_.emplace_back("(lost)"); }

private:
    std::vector<std::string>& lines_;
};

std::string masked(unsigned first, Bytes payload) {
    std::string text(payload);
    applyMask(text, {'a', 'b', 'c', 'd'});
    std::string frame(1, static_cast<char>(first));
    if (payload.size() < 126) {
        frame += static_cast<char>(0x80U | payload.size());
    } else {
        frame += static_cast<char>(0xfe);
        frame += static_cast<char>(payload.size() >> 8U);
        frame += static_cast<char>(payload.size() & 0xffU);
    }
    return frame + "abcd" + text;
}

constexpr unsigned kText = 0x81, kBinary = 0x82, kClose = 0x88, kPing = 0x89;

class Socket : public testing::Test {
protected:
    Socket() : transport(reactor) {
        LineSocketOptions options;
        options.handshake.protocols = {"text.ircv3.net", "binary.ircv3.net"};
        options.handshake.origins = {"https://chat.test"};
        options.handshake.page = "This is a chat server.";
        options.binaryProtocol = "binary.ircv3.net";
        auto inner = std::make_unique<Lines>(lines);
        line = inner.get();
        socket = &transport.connect(std::make_unique<LineSocket>(
            std::move(inner), std::make_shared<const LineSocketOptions>(std::move(options))
        ));
    }
    static std::string request(const std::string& more = {}) {
        return "GET /chat HTTP/1.1\r\nHost: server.test\r\nUpgrade: websocket\r\nConnection: keep-alive, "
               "Upgrade\r\n"
               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" +
               more + "\r\n";
    }
    std::string ask(const std::string& bytes) {
        transport.receive(bytes);
        return transport.takeValue();
    }
    void open(const std::string& more = {}) { EXPECT_THAT(ask(request(more)), StartsWith("HTTP/1.1 101 ")); }
    static std::string closing(unsigned code) {
        return {'\x88', 2, static_cast<char>(code >> 8U), static_cast<char>(code & 0xffU)};
    }
    Transport& toClient() { return line->transport(); }

    test::ManualReactor reactor;
    std::vector<std::string> lines;
    test::StringTransport transport;
    Lines* line = nullptr;
    LineSocket* socket = nullptr;
};

TEST_F(Socket, TheHandshakeOfTheStandard) {
    EXPECT_EQ(
        ask(request("Sec-WebSocket-Protocol: chat, text.ircv3.net\r\n")),
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: text.ircv3.net\r\n\r\n"
    );
    EXPECT_EQ(lines, std::vector<std::string>{"(made)"});
}

TEST_F(Socket, WhoIsNoWebSocketClientIsTold) {
    const std::string answer = ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\n"));
    EXPECT_THAT(answer, HasSubstr("\r\n\r\nThis is a chat server.\n"));
    EXPECT_TRUE(transport.losing());
    EXPECT_TRUE(lines.empty());
    transport.lose();
    EXPECT_TRUE(lines.empty()) << "the protocol never knew";
}

TEST_F(Socket, PagesFromElsewhereAreRefused) {
    EXPECT_THAT(ask(request("Origin: https://evil.test\r\n")), StartsWith("HTTP/1.1 403 "));
}

TEST_F(Socket, OtherRequestsThatAreRefused) {
    const auto answer = [](const std::string& text) {
        http::RequestParser parser;
        EXPECT_TRUE(parser.parse(text).complete()) << text;
        return answerHandshake(parser.head(), {}).response.substr(9, 3);
    };
    const std::string good = request();
    const auto with = [&](const std::string& what, const std::string& other) {
        std::string text = good;
        text.replace(text.find(what), what.size(), other);
        return answer(text);
    };
    EXPECT_EQ(answer(good), "101");
    EXPECT_EQ(with("GET", "POST"), "405");
    EXPECT_EQ(with("Version: 13", "Version: 8"), "426");
    EXPECT_EQ(with("dGhlIHNhbXBsZSBub25jZQ==", "c2hvcnQ="), "400");
    EXPECT_EQ(with("Upgrade: websocket", "Upgrade: h2c"), "426");
}

TEST_F(Socket, AMessageIsALine) {
    open();
    transport.receiveBytewise(masked(kText, "NICK ann") + masked(kText, "USER a 0 * :A\r\n"));
    EXPECT_EQ(lines, (std::vector<std::string>{"(made)", "NICK ann", "USER a 0 * :A"}));
    // In parts, with a ping between them.
    EXPECT_EQ(
        ask(masked(0x01, "one ") + masked(kPing, "?") + masked(0x80, "line")), std::string("\x8a\x01?")
    );
    EXPECT_EQ(lines.back(), "one line");
}

TEST_F(Socket, ALineIsAMessage) {
    open("Sec-WebSocket-Protocol: text.ircv3.net\r\n");
    toClient().write(Bytes("one\r\ntw"));
    toClient().write(Bytes("o\r\n"));
    EXPECT_EQ(transport.takeValue(), std::string("\x81\x03one\x81\x03two"));
    toClient().write(Buffer(Bytes("a\r\nb\r\n")));
    EXPECT_EQ(
        transport.takeValue(), std::string("\x81\x01"
                                           "a\x81\x01"
                                           "b")
    );
    toClient().write(Bytes("gr\xfc\xdf\r\n"));
    EXPECT_EQ(transport.takeValue(), std::string("\x81\x08gr\xef\xbf\xbd\xef\xbf\xbd"));
    toClient().write(Bytes(std::string(300, 'x') + "\r\n"));
    EXPECT_EQ(transport.takeValue(), "\x81\x7e\x01\x2c" + std::string(300, 'x'));
}

TEST_F(Socket, BinaryFramesCarryAnyBytes) {
    open("Sec-WebSocket-Protocol: binary.ircv3.net\r\n");
    toClient().write(Bytes("\xff\r\n"));
    EXPECT_EQ(transport.takeValue(), std::string("\x82\x01\xff"));
    transport.receive(masked(kBinary, "\xfe"));
    EXPECT_EQ(lines.back(), "\xfe");
}

TEST_F(Socket, ItEndsInOrder) {
    open();
    EXPECT_EQ(ask(masked(kClose, std::string("\x03\xe8", 2) + "bye")), closing(1000));
    EXPECT_TRUE(transport.losing());
    transport.lose();
    EXPECT_EQ(lines.back(), "(lost)");
}

TEST_F(Socket, TheProtocolEndsIt) {
    open();
    toClient().write(Bytes("ERROR\r\n"));
    toClient().loseConnection();
    EXPECT_EQ(
        transport.takeValue(), "\x81\x05"
                               "ERROR" +
                                   closing(1000)
    );
    EXPECT_TRUE(transport.losing());
    toClient().write(Bytes("more\r\n"));
    EXPECT_EQ(transport.takeValue(), "");
}

class Wrong : public Socket, public testing::WithParamInterface<std::pair<std::string, unsigned>> {};

TEST_P(Wrong, FramesEndTheConnectionWithTheReason) {
    open();
    EXPECT_EQ(ask(GetParam().first), closing(GetParam().second));
    EXPECT_TRUE(transport.losing());
    EXPECT_EQ(lines.size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(
    Frames, Wrong,
    testing::Values(
        std::pair{std::string("\x81\x02hi"), 1002U},                   // not masked
        std::pair{masked(0xc1, "x"), 1002U},                           // a reserved bit
        std::pair{masked(0x83, "x"), 1002U},                           // a reserved opcode
        std::pair{masked(0x09, "x"), 1002U},                           // a ping in parts
        std::pair{masked(0x80, "x"), 1002U},                           // the rest of nothing
        std::pair{masked(0x01, "x") + masked(kText, "y"), 1002U},      // a message within a message
        std::pair{std::string("\x81\xfe\x00\x05", 4) + "abcd", 1002U}, // a size that could be shorter
        std::pair{std::string("\x81\xff\x00\x00\x00\x00\x00\x01\x00\x00", 10) + "abcd", 1009U},
        std::pair{std::string("\x81\xff\x80\x00\x00\x00\x00\x01\x00\x00", 10) + "abcd", 1002U},
        std::pair{masked(kText, "\xff"), 1007U}, std::pair{masked(kClose, "x"), 1002U},
        std::pair{masked(kClose, std::string("\x03\xed", 2)), 1002U}, // 1005 is never sent
        std::pair{masked(kClose, std::string("\x03\xe8\xff", 3)), 1007U}
    )
);

TEST_F(Socket, AHandshakeThatNeverEndsIsGivenUp) {
    transport.receive("GET / HTTP/1.1\r\n");
    reactor.advance(std::chrono::seconds(11));
    EXPECT_TRUE(transport.aborted());
}

TEST_F(Socket, AProtocolThatNeedNotBeWaitedForIsEndedInOrder) {
    open();
    socket->drain();
    EXPECT_EQ(transport.takeValue(), closing(1000));
    EXPECT_TRUE(transport.losing());
}

} // namespace
} // namespace twistdpp::websocket
