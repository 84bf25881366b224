#include "twistdpp/smtp/smtp_sender.h"

#include "support/string_transport.h"
#include "unit/net/doubles.h"

#include "twistdpp/base/base64.h"

#include <gmock/gmock.h>

// The client's end of SMTP, against a server that the test plays.

namespace twistdpp::smtp {
namespace {

using testing::HasSubstr;

class Client : public testing::Test {
protected:
    Client() : transport(reactor) {}
    std::string start(
        std::vector<std::string> to = {"joe@x", "ann@x"}, const std::string& text = "Subject: s\n\n.dot\nend"
    ) {
        auto made = std::make_unique<SMTPSender>("me@here", std::move(to), MailSource::text(text));
        made->identity = "me.test";
        made->account = account;
        made->requireTls = requireTls;
        made->result().addBoth([this](Outcome<SendResult> end) { outcome = std::move(end); }).detach();
        transport.connect(std::move(made));
        return transport.takeValue();
    }
    std::string hear(const std::string& answers) {
        transport.receive(answers + "\r\n");
        return transport.takeValue();
    }
    std::string failure() { return outcome && !outcome->ok() ? outcome->failure().message() : "none"; }

    std::optional<Outcome<SendResult>> outcome; // which the end of the transport may still set
    test::ManualReactor reactor;
    test::StringTransport transport;
    std::optional<SaslIdentity> account;
    bool requireTls = false;
};

TEST_F(Client, OneQuestionAfterTheOther) {
    EXPECT_EQ(start(), "") << "the server speaks first";
    EXPECT_EQ(hear("220 mx ESMTP"), "EHLO me.test\r\n");
    EXPECT_EQ(hear("250-mx\r\n250 8bitmime"), "MAIL FROM:<me@here> BODY=8BITMIME\r\n");
    EXPECT_EQ(hear("250 2.1.0 ok"), "RCPT TO:<joe@x>\r\n");
    EXPECT_EQ(hear("550 5.1.1 who?"), "RCPT TO:<ann@x>\r\n");
    EXPECT_EQ(hear("250 2.1.5 ok"), "DATA\r\n");
    EXPECT_EQ(hear("354 go on"), "Subject: s\r\n\r\n..dot\r\nend\r\n.\r\n");
    EXPECT_EQ(hear("250 2.0.0 kept"), "QUIT\r\n");
    ASSERT_TRUE(outcome && outcome->ok());
    EXPECT_EQ(outcome->value().reply.text, "2.0.0 kept");
    EXPECT_EQ(outcome->value().recipients[0].reply.code, 550);
    EXPECT_EQ(outcome->value().recipients[1].reply.code, 250);
    hear("221 bye");
    EXPECT_TRUE(transport.closing());
}

TEST_F(Client, AllAtOnceWhereTheServerReadsAhead) {
    start();
    hear("220 mx");
    EXPECT_EQ(
        hear("250-mx\r\n250 PIPELINING"), "MAIL FROM:<me@here>\r\nRCPT TO:<joe@x>\r\nRCPT TO:<ann@x>\r\n"
    );
    EXPECT_EQ(hear("250 ok\r\n250 ok\r\n250 ok"), "DATA\r\n");
    hear("354 go on");
    EXPECT_EQ(hear("452 4.3.1 full"), "QUIT\r\n");
    EXPECT_EQ(failure(), "452 4.3.1 full");
    EXPECT_TRUE(outcome->failure().as<SMTPError>()->temporary());
}

TEST_F(Client, ASenderThatIsRefused) {
    start();
    hear("220 mx");
    hear("250-mx\r\n250 PIPELINING");
    EXPECT_EQ(hear("550 5.7.1 no\r\n503 5.5.1 x\r\n503 5.5.1 x"), "QUIT\r\n");
    EXPECT_EQ(failure(), "550 5.7.1 no");
}

TEST_F(Client, NobodyWhoIsTaken) {
    start({"joe@x"});
    hear("220 mx");
    hear("250 mx");
    hear("250 ok");
    EXPECT_EQ(hear("550 5.1.1 who?"), "RSET\r\n");
    EXPECT_EQ(hear("250 ok"), "QUIT\r\n");
    EXPECT_EQ(failure(), "550 5.1.1 who?");
}

TEST_F(Client, OldServers) {
    start({"joe@x"});
    hear("220 mx");
    EXPECT_EQ(hear("500 what?"), "HELO me.test\r\n");
    EXPECT_EQ(hear("250 mx"), "MAIL FROM:<me@here>\r\n");
}

TEST_F(Client, LogsInByTheStrongestWay) {
    account.emplace("joe", Secret(Bytes("secret")));
    start({"joe@x"});
    hear("220 mx");
    EXPECT_EQ(
        hear("250-mx\r\n250 AUTH LOGIN PLAIN"),
        "AUTH PLAIN " + toBase64(std::string("\0joe\0secret", 11)) + "\r\n"
    );
    EXPECT_EQ(hear("235 2.7.0 ok"), "MAIL FROM:<me@here>\r\n");
}

TEST_F(Client, ALoginThatIsRefusedEndsIt) {
    account.emplace("joe", Secret(Bytes("secret")));
    start({"joe@x"});
    hear("220 mx");
    EXPECT_EQ(hear("250-mx\r\n250 AUTH LOGIN"), "AUTH LOGIN\r\n");
    EXPECT_EQ(hear("334 VXNlcm5hbWU6"), toBase64("joe") + "\r\n");
    EXPECT_EQ(hear("334 UGFzc3dvcmQ6"), toBase64("secret") + "\r\n");
    hear("535 5.7.8 no");
    EXPECT_EQ(failure(), "535 5.7.8 no");
    EXPECT_TRUE(transport.closing());
}

TEST_F(Client, NothingGoesWithoutTlsWhenItIsAskedFor) {
    requireTls = true;
    start();
    hear("220 mx");
    EXPECT_EQ(hear("250-mx\r\n250 PIPELINING"), "");
    EXPECT_THAT(failure(), HasSubstr("no STARTTLS"));
    EXPECT_TRUE(transport.closing());
}

TEST_F(Client, AddressesThatWouldBeCommandsAreNotSent) {
    start({"joe@x>\r\nRSET"});
    hear("220 mx");
    EXPECT_EQ(hear("250 mx"), "");
    EXPECT_THAT(failure(), HasSubstr("is no address"));
}

TEST_F(Client, ServersThatTalkNonsenseOrNothing) {
    start();
    hear("220 mx");
    hear("hello");
    EXPECT_TRUE(transport.closing());
    transport.lose(ConnectionLost("gone"));
    EXPECT_THAT(failure(), HasSubstr("gone"));
}

TEST_F(Client, SilenceEndsIt) {
    start();
    reactor.advance(std::chrono::minutes(5));
    EXPECT_TRUE(transport.closing());
}

TEST_F(Client, AServerThatClosesInTheMiddle) {
    start();
    hear("220 mx");
    transport.lose();
    EXPECT_THAT(failure(), HasSubstr("the server closed in the middle"));
}

} // namespace
} // namespace twistdpp::smtp
