#include "twistdpp/pop3/pop3_client.h"

#include "support/string_transport.h"
#include "unit/net/doubles.h"

#include "twistdpp/reactor/errors.h"

#include <gtest/gtest.h>

// The client's end of POP3, against a server that the test plays.

namespace twistdpp::pop3 {
namespace {

class Reader final : public POP3Client {
public:
    std::string greeting;

private:
    void serverGreeting(Bytes text) override { greeting = text; }
};

class Pop3Client : public testing::Test {
protected:
    Pop3Client() : transport(reactor) {
        auto made = std::make_unique<Reader>();
        client = made.get();
        transport.connect(std::move(made));
    }
    std::string hear(const std::string& text) {
        transport.receive(text + "\r\n");
        return transport.takeValue();
    }
    /// What a call came to; nothing as long as there is no answer.
    template <class T>
    std::shared_ptr<std::optional<Outcome<T>>> watch(Deferred<T> call) {
        auto out = std::make_shared<std::optional<Outcome<T>>>();
        std::move(call).addBoth([out](Outcome<T> end) { *out = std::move(end); }).detach();
        return out;
    }

    test::ManualReactor reactor;
    test::StringTransport transport;
    Reader* client = nullptr;
};

TEST_F(Pop3Client, AsksOneBehindTheOtherUntilTheServerReadsAhead) {
    EXPECT_EQ(hear("+OK ready <1.2@x>"), "");
    EXPECT_EQ(client->greeting, "ready <1.2@x>");
    const auto size = watch(client->stat());
    const auto idle = watch(client->noop());
    EXPECT_EQ(transport.takeValue(), "STAT\r\n");
    EXPECT_EQ(hear("+OK 2 320"), "NOOP\r\n");
    EXPECT_EQ((*size)->value().messages, 2U);
    EXPECT_EQ((*size)->value().bytes, 320U);
    EXPECT_FALSE(*idle);
    hear("+OK");
    EXPECT_TRUE((*idle)->ok());
    const auto can = watch(client->capabilities());
    EXPECT_EQ(transport.takeValue(), "CAPA\r\n");
    hear("+OK\r\nPIPELINING\r\nsasl PLAIN\r\n.");
    EXPECT_EQ((*can)->value().at("SASL"), "PLAIN");
    const auto one = watch(client->remove(1));
    const auto two = watch(client->remove(2));
    EXPECT_EQ(transport.takeValue(), "DELE 1\r\nDELE 2\r\n");
    hear("+OK\r\n-ERR [IN-USE] no");
    EXPECT_TRUE((*one)->ok());
    EXPECT_EQ((*two)->failure().as<POP3Error>()->code(), "IN-USE");
}

TEST_F(Pop3Client, TakesTheDotsOutOfAMessage) {
    hear("+OK");
    const auto text = watch(client->retrieve(3));
    EXPECT_EQ(transport.takeValue(), "RETR 3\r\n");
    hear("+OK 20 octets\r\nSubject: x\r\n\r\n..dot\r\n...\r\nend\r\n.");
    EXPECT_EQ((*text)->value(), "Subject: x\r\n\r\n.dot\r\n..\r\nend\r\n");
    const auto top = watch(client->top(1, 5));
    EXPECT_EQ(transport.takeValue(), "TOP 1 5\r\n");
    hear("-ERR no such message");
    EXPECT_EQ((*top)->failure().message(), "no such message");
}

TEST_F(Pop3Client, ReadsLists) {
    hear("+OK");
    const auto sizes = watch(client->listSize());
    hear("+OK\r\n1 100\r\n3 300 and more\r\n.");
    EXPECT_EQ((*sizes)->value(), (std::map<std::uint32_t, std::uint64_t>{{1, 100}, {3, 300}}));
    const auto names = watch(client->listUID());
    hear("+OK\r\n1 abc\r\n.");
    EXPECT_EQ((*names)->value(), (std::map<std::uint32_t, std::string>{{1, "abc"}}));
    const auto wrong = watch(client->listSize());
    hear("+OK\r\nmany 100\r\n.");
    EXPECT_EQ((*wrong)->failure().message(), "the server does not speak POP3: 'many 100'");
}

TEST_F(Pop3Client, LogsInByTheBestWayThereIs) {
    hear("+OK hello <1896.697170952@dbc.mtview.ca.us>");
    const auto done = watch(client->login(SaslIdentity("mrose", Secret("tanstaaf"))));
    EXPECT_EQ(transport.takeValue(), "CAPA\r\n");
    // RFC 1939 has this digest.
    EXPECT_EQ(hear("-ERR what"), "APOP mrose c4c9334bac560ecc979e58001b3e22fb\r\n");
    hear("+OK maildrop has 1 message");
    EXPECT_TRUE((*done)->ok());
}

TEST_F(Pop3Client, LogsInBySasl) {
    hear("+OK");
    const auto done = watch(client->login(SaslIdentity("joe", Secret("x"))));
    hear("+OK\r\nSASL CRAM-MD5\r\n.");
    hear("+ PDFAeD4=");
    hear("-ERR [AUTH] no");
    EXPECT_EQ((*done)->failure().as<POP3Error>()->code(), "AUTH");
}

TEST_F(Pop3Client, ShowsNoPasswordOverANetwork) {
    transport.setPeer(*Address::parse("192.0.2.1", 110));
    hear("+OK");
    const auto done = watch(client->login(SaslIdentity("joe", Secret("x"))));
    EXPECT_EQ(transport.takeValue(), "CAPA\r\n");
    EXPECT_EQ(hear("+OK\r\nUSER\r\n."), "");
    EXPECT_EQ((*done)->failure().message(), "the server offers no way to log in that is safe here");
    client->allowInsecureLogin = true;
    const auto again = watch(client->login(SaslIdentity("joe", Secret("x"))));
    EXPECT_EQ(transport.takeValue(), "USER joe\r\n");
    EXPECT_EQ(hear("+OK"), "PASS x\r\n");
}

TEST_F(Pop3Client, WhatEndsTheConnectionEndsWhatWasAsked) {
    hear("+OK");
    const auto size = watch(client->stat());
    transport.lose();
    EXPECT_TRUE((*size)->failure().check<ConnectionLost>());
    const auto later = watch(client->noop());
    EXPECT_TRUE((*later)->failure().check<ConnectionLost>());
}

TEST_F(Pop3Client, AServerThatIsNoneIsLeft) {
    hear("220 smtp here");
    EXPECT_TRUE(transport.closing());
}

TEST_F(Pop3Client, ACommandIsOneLine) {
    hear("+OK");
    const auto done = watch(client->login(SaslIdentity("joe\r\nDELE 1", Secret("x"))));
    hear("-ERR");
    EXPECT_NE((*done)->failure().message().find("line's end"), std::string::npos);
}

} // namespace
} // namespace twistdpp::pop3
