#include "twistdpp/smtp/smtp_server.h"

#include "support/string_transport.h"
#include "unit/net/doubles.h"

#include "twistdpp/base/base64.h"
#include "twistdpp/cred/checker_maker.h"

#include <gmock/gmock.h>

// The dialogue of SMTP, with a handler that keeps what it is given.

namespace twistdpp::smtp {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// What the handlers of a test have in common.
struct Box {
    std::vector<std::string> messages;
    std::vector<Envelope> envelopes;
    std::string lastFrom;                 // how it came: "ESMTPA"
    std::optional<Promise<Reply>> answer; // of end(), when the test wants to give it
    std::optional<Promise<void>> room;    // of ready(), when it is full
    bool wait = false;
    bool full = false;
    bool broken = false;
    int dropped = 0; // messages that were given up
};

class Kept final : public IncomingMessage {
public:
    explicit Kept(Box& box) : box_(box) {}
    ~Kept() override { box_.dropped += ended_ ? 0 : 1; }
    void write(Bytes data) override { text_.append(data); }
    Deferred<void> ready() override {
        if (!box_.full)
            return succeed();
        box_.room.emplace();
        return box_.room->deferred();
    }
    Deferred<Reply> end() override {
        ended_ = true;
        box_.messages.push_back(text_);
        if (!box_.wait)
            return Reply(250, "2.0.0", "Ok");
        box_.answer.emplace();
        return box_.answer->deferred();
    }

private:
    Box& box_;
    std::string text_;
    bool ended_ = false;
};

class Handler final : public MailHandler {
public:
    explicit Handler(Box& box) : box_(box) {}
    Deferred<Reply> validateFrom(const Client&, const Envelope&) override {
        return Reply(250, "2.1.0", "Ok");
    }
    Deferred<Reply> validateTo(const Client&, const Envelope&, const Recipient& recipient) override {
        if (box_.broken)
            return fail<Reply>(std::runtime_error("the disk is gone"));
        return recipient.to.local == "nobody" ? Reply(550, "5.1.1", "no such user")
                                              : Reply(250, "2.1.5", "Ok");
    }
    Deferred<std::unique_ptr<IncomingMessage>>
    receive(const Client& client, const Envelope& envelope) override {
        box_.envelopes.push_back(envelope);
        box_.lastFrom = client.protocol();
        return std::unique_ptr<IncomingMessage>(std::make_unique<Kept>(box_));
    }

private:
    Box& box_;
};

class Smtp : public testing::Test {
protected:
    Smtp() {
        options.hostname = "mx.test";
        options.maxSize = 1000;
        options.maxErrors = 5;
        options.handler = [this] { return std::make_unique<Handler>(box); };
    }
    ~Smtp() override { transport.reset(); }
    void accounts() {
        options.accounts.emplace(
            reactor, *makeCheckers(reactor, {"memory:joe:secret"}), std::make_shared<LoginThrottle>()
        );
        options.passwordsInClear = true;
    }
    std::string connect() {
        transport = std::make_unique<test::StringTransport>(reactor);
        server = &transport->connect(
            std::make_unique<SmtpServer>(std::make_shared<const ServerOptions>(options), Logger("smtp"))
        );
        return transport->takeValue();
    }
    std::string say(const std::string& lines) {
        transport->receive(lines + "\r\n");
        return transport->takeValue();
    }
    /// Up to a valid recipient.
    void begin() {
        connect();
        EXPECT_THAT(say("EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<joe@x>"), HasSubstr("250 2.1.5 Ok\r\n"));
    }

    test::ManualReactor reactor;
    ServerOptions options;
    Box box;
    std::unique_ptr<test::StringTransport> transport;
    SmtpServer* server = nullptr;
};

TEST_F(Smtp, AMessageComesIn) {
    EXPECT_EQ(connect(), "220 mx.test ESMTP\r\n");
    const std::string ehlo = say("EHLO me.test");
    EXPECT_THAT(ehlo, StartsWith("250-mx.test\r\n250-PIPELINING\r\n250-SIZE 1000\r\n"));
    EXPECT_THAT(ehlo, Not(HasSubstr("STARTTLS")));
    EXPECT_THAT(ehlo, Not(HasSubstr("AUTH ")));
    EXPECT_EQ(say("MAIL FROM:<a@b>"), "250 2.1.0 Ok\r\n");
    EXPECT_EQ(say("RCPT TO:<joe@x>"), "250 2.1.5 Ok\r\n");
    EXPECT_THAT(say("DATA"), StartsWith("354 "));
    EXPECT_EQ(say("Subject: x\r\n\r\n..dot\r\n."), "250 2.0.0 Ok\r\n");
    EXPECT_THAT(box.messages, ElementsAre("Subject: x\r\n\r\n.dot\r\n"));
    EXPECT_EQ(box.lastFrom, "ESMTP");
    EXPECT_EQ(say("QUIT"), "221 2.0.0 mx.test closes\r\n");
    EXPECT_TRUE(transport->closing());
}

TEST_F(Smtp, AClientThatGoesSilentBehindAFullPieceIsNotWaitedForForEver) {
    begin();
    say("DATA");
    box.full = true;
    EXPECT_EQ(say("Subject: x"), "");
    // It is us who have to go on.
    reactor.advance(std::chrono::hours(1));
    EXPECT_FALSE(transport->closing());
    box.room->callback();
    reactor.advance(options.dataTimeout);
    EXPECT_THAT(transport->takeValue(), StartsWith("421 4.4.2"));
}

TEST_F(Smtp, PipelinedCommandsAreAnsweredInTheirOrder) {
    connect();
    EXPECT_THAT(
        say("EHLO me\r\nMAIL FROM:<>\r\nRCPT TO:<nobody@x>\r\nRCPT TO:<joe@x>\r\nDATA"),
        HasSubstr("250 HELP\r\n250 2.1.0 Ok\r\n550 5.1.1 no such user\r\n250 2.1.5 Ok\r\n354 ")
    );
    EXPECT_EQ(
        say("x\r\n.\r\nMAIL FROM:<a@b>\r\nRSET\r\nNOOP"),
        "250 2.0.0 Ok\r\n250 2.1.0 Ok\r\n250 2.0.0 Ok\r\n250 2.0.0 Ok\r\n"
    );
    EXPECT_FALSE(box.envelopes[0].from) << "the null sender is one";
    EXPECT_EQ(box.envelopes[0].to.size(), 1U);
}

TEST_F(Smtp, NothingFurtherIsReadWhileAMessageIsBeingKept) {
    begin();
    say("DATA");
    box.wait = true;
    EXPECT_EQ(say("x\r\n.\r\nNOOP"), "");
    EXPECT_TRUE(transport->paused());
    box.answer->callback(Reply(250, "2.0.0", "safe"));
    EXPECT_EQ(transport->takeValue(), "250 2.0.0 safe\r\n250 2.0.0 Ok\r\n");
}

TEST_F(Smtp, TheOrderOfCommandsIsKept) {
    connect();
    EXPECT_EQ(say("MAIL FROM:<a@b>"), "503 5.5.1 say EHLO first\r\n");
    say("HELO me");
    EXPECT_EQ(say("RCPT TO:<joe@x>"), "503 5.5.1 say MAIL first\r\n");
    EXPECT_EQ(say("DATA"), "503 5.5.1 say MAIL first\r\n");
    say("MAIL FROM:<a@b>");
    EXPECT_EQ(say("MAIL FROM:<a@b>"), "503 5.5.1 there is a sender already\r\n");
    connect();
    say("EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<nobody@x>");
    EXPECT_EQ(say("DATA"), "554 5.5.1 there is no valid recipient\r\n");
    EXPECT_THAT(say("EHLO again\r\nRCPT TO:<joe@x>"), HasSubstr("503 5.5.1 say MAIL first"))
        << "EHLO begins anew";
}

TEST_F(Smtp, SmuggledMessagesAreRefusedAsAWhole) {
    for (const char* trick : {"\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r\n", "\r\n.\r\r\n"}) {
        box.messages.clear();
        begin();
        say("DATA");
        const std::string answer = say(std::string("x") + trick + "MAIL FROM:<evil@x>\r\n.");
        EXPECT_THAT(answer, StartsWith("550 5.6.0 ")) << trick;
        EXPECT_EQ(answer.find("\r\n"), answer.size() - 2) << "one answer";
        EXPECT_THAT(box.messages, testing::IsEmpty());
        EXPECT_TRUE(transport->closing());
    }
    connect();
    EXPECT_THAT(say("EHLO me\nMAIL FROM:<a@b>"), StartsWith("500 5.5.2 ")) << "nor in commands";
    EXPECT_TRUE(transport->closing());
}

TEST_F(Smtp, ASizeIsKeptToWhateverWasSaid) {
    begin();
    say("DATA");
    EXPECT_THAT(say(std::string(2000, 'x') + "\r\n."), StartsWith("552 5.3.4 "));
    EXPECT_EQ(box.dropped, 1);
    EXPECT_THAT(say("MAIL FROM:<a@b> SIZE=1001"), StartsWith("552 5.3.4 "));
    EXPECT_EQ(say("MAIL FROM:<a@b> SIZE=999"), "250 2.1.0 Ok\r\n");
}

TEST_F(Smtp, Chunks) {
    begin();
    transport->receive("BDAT 5\r\nab\r\n.");
    EXPECT_EQ(transport->takeValue(), "250 2.0.0 5 bytes so far\r\n");
    EXPECT_EQ(say("RCPT TO:<joe@x>"), "503 5.5.1 the message has begun already\r\n");
    EXPECT_EQ(say("DATA"), "503 5.5.1 the message has begun with BDAT\r\n");
    transport->receive("BDAT 3 LAST\r\n\r\nc");
    EXPECT_EQ(transport->takeValue(), "250 2.0.0 Ok\r\n");
    EXPECT_THAT(box.messages, ElementsAre("ab\r\n.\r\nc\r\n")) << "the last line gets its end";
    EXPECT_THAT(say("BDAT x"), StartsWith("501 "));
    EXPECT_TRUE(transport->closing()) << "where the next command begins is not known";
}

TEST_F(Smtp, ChunksOutOfOrderAreReadAndRefused) {
    connect();
    say("EHLO me");
    transport->receive("BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n");
    EXPECT_EQ(transport->takeValue(), "503 5.5.1 say MAIL first\r\n250 2.0.0 Ok\r\n")
        << "they are no commands";
    EXPECT_EQ(say("BDAT 0 LAST"), "503 5.5.1 say MAIL first\r\n");
    EXPECT_EQ(say("BDAT 0"), "503 5.5.1 say MAIL first\r\n");
    EXPECT_THAT(say("MAIL FROM:<a@b>\r\nRCPT TO:<joe@x>\r\nDATA"), HasSubstr("250 2.1.5 Ok\r\n354 "))
        << "a new mail begins anew";
}

TEST_F(Smtp, ChunksHaveNoLoneLineEndsEither) {
    begin();
    transport->receive("BDAT 8 LAST\r\na\n.\nQUIT");
    EXPECT_THAT(transport->takeValue(), StartsWith("550 5.6.0 "));
    begin();
    transport->receive("BDAT 2 LAST\r\na\r");
    EXPECT_THAT(transport->takeValue(), StartsWith("550 5.6.0 ")) << "nor one at its end";
    EXPECT_THAT(box.messages, testing::IsEmpty());
}

TEST_F(Smtp, MailThatGoesRoundIsStopped) {
    begin();
    options.maxSize = 100'000;
    begin();
    say("DATA");
    std::string text;
    for (int i = 0; i < 101; ++i)
        text += "Received: by x\r\n";
    EXPECT_THAT(say(text + "\r\n."), StartsWith("554 5.4.6 "));
}

TEST_F(Smtp, LocalTroubleIsTemporary) {
    connect();
    box.broken = true;
    EXPECT_THAT(say("EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<joe@x>"), HasSubstr("451 4.3.0 "));
}

TEST_F(Smtp, LogsInByEachMechanism) {
    accounts();
    connect();
    EXPECT_THAT(say("EHLO me"), HasSubstr("250-AUTH SCRAM-SHA-256 CRAM-MD5 PLAIN LOGIN\r\n"));
    EXPECT_EQ(say("AUTH PLAIN " + toBase64(std::string("\0joe\0secret", 11))), "235 2.7.0 logged in\r\n");
    EXPECT_THAT(say("AUTH PLAIN"), StartsWith("503 "));
    say("MAIL FROM:<a@b>\r\nRCPT TO:<joe@x>\r\nDATA");
    EXPECT_EQ(box.lastFrom, "ESMTPA");
    connect();
    say("EHLO me");
    EXPECT_EQ(say("AUTH LOGIN"), "334 " + toBase64("Username:") + "\r\n");
    EXPECT_EQ(say(toBase64("joe")), "334 " + toBase64("Password:") + "\r\n");
    EXPECT_EQ(say(toBase64("secret")), "235 2.7.0 logged in\r\n");
}

TEST_F(Smtp, LoginsThatFail) {
    accounts();
    connect();
    EXPECT_EQ(say("AUTH PLAIN"), "503 5.5.1 say EHLO first\r\n");
    say("EHLO me");
    EXPECT_EQ(say("AUTH PLAIN " + toBase64(std::string("\0joe\0guess", 10)) + "\r\nNOOP"), "");
    reactor.advance(std::chrono::seconds(1));
    EXPECT_EQ(transport->takeValue(), "535 5.7.8 name and password do not fit\r\n250 2.0.0 Ok\r\n");
    EXPECT_THAT(say("AUTH FOO"), StartsWith("504 5.5.4 "));
    EXPECT_EQ(say("AUTH LOGIN\r\n*"), "334 VXNlcm5hbWU6\r\n501 5.7.0 the login was given up\r\n");
    connect();
    say("EHLO me");
    EXPECT_THAT(say("AUTH PLAIN ???"), StartsWith("501 5.5.2 "));
    EXPECT_THAT(say("AUTH PLAIN ="), StartsWith("501 5.5.2 "));
}

TEST_F(Smtp, WhereALoginIsNeededNobodySendsWithout) {
    accounts();
    options.loginNeeded = true;
    connect();
    say("EHLO me");
    EXPECT_EQ(say("MAIL FROM:<a@b>"), "530 5.7.0 log in first\r\n");
    say("AUTH PLAIN " + toBase64(std::string("\0joe\0secret", 11)));
    EXPECT_EQ(say("MAIL FROM:<a@b>"), "250 2.1.0 Ok\r\n");
}

TEST_F(Smtp, SilenceAndErrorsEndIt) {
    connect();
    reactor.advance(std::chrono::minutes(5));
    EXPECT_THAT(transport->takeValue(), StartsWith("421 4.4.2 "));
    EXPECT_TRUE(transport->closing());
    connect();
    EXPECT_THAT(say("A\r\nB\r\nC\r\nD\r\nE\r\nF"), HasSubstr("421 4.7.0 too many errors"));
    EXPECT_TRUE(transport->closing());
    connect();
    EXPECT_THAT(say("NOOP " + std::string(3000, 'x')), StartsWith("500 5.5.2 "));
}

TEST_F(Smtp, AMessageThatIsCutOffIsGivenUp) {
    begin();
    say("DATA");
    say("half of it");
    transport->lose();
    EXPECT_EQ(box.dropped, 1);
    EXPECT_THAT(box.messages, testing::IsEmpty());
}

TEST_F(Smtp, StoppingWaitsForTheMessageThatIsComing) {
    begin();
    say("DATA");
    server->drain();
    EXPECT_FALSE(transport->closing());
    EXPECT_THAT(say("x\r\n."), HasSubstr("250 2.0.0 Ok\r\n421 4.3.2 "));
    EXPECT_TRUE(transport->closing());
}

} // namespace
} // namespace twistdpp::smtp
