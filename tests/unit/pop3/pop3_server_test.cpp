#include "twistdpp/pop3/pop3_server.h"

#include "support/string_transport.h"
#include "unit/net/doubles.h"

#include "twistdpp/base/base64.h"
#include "twistdpp/cred/checker_maker.h"

#include <gmock/gmock.h>

// The dialogue of POP3 over messages in memory.

namespace twistdpp::pop3 {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class MemoryMessage final : public Message {
public:
    explicit MemoryMessage(std::string text) : text_(std::move(text)) {}
    Deferred<std::string> next() override {
        std::string part = text_.substr(0, 7); // lines are cut anywhere
        text_.erase(0, part.size());
        return part;
    }

private:
    std::string text_;
};

class MemoryDrop final : public Drop {
public:
    MemoryDrop(std::vector<std::string>& messages, bool& open) : messages_(messages), open_(open) {
        open_ = true;
    }
    ~MemoryDrop() override { open_ = false; }
    std::size_t count() const noexcept override { return messages_.size(); }
    std::uint64_t size(std::size_t index) const override { return messages_[index].size(); }
    std::string id(std::size_t index) const override { return "id" + std::to_string(index); }
    Deferred<std::unique_ptr<Message>> open(std::size_t index) override {
        return std::unique_ptr<Message>(std::make_unique<MemoryMessage>(messages_[index]));
    }
    Deferred<void> remove(std::vector<std::size_t> indices) override {
        for (auto at = indices.rbegin(); at != indices.rend(); ++at)
            messages_.erase(messages_.begin() + static_cast<std::ptrdiff_t>(*at));
        return succeed();
    }

private:
    std::vector<std::string>& messages_;
    bool& open_;
};

class Pop3 : public testing::Test {
protected:
    Pop3() {
        options.hostname = "pop.test";
        options.accounts.emplace(
            reactor, *makeCheckers(reactor, {"memory:joe:sec ret"}), std::make_shared<LoginThrottle>()
        );
        options.open = [this](const AvatarId& who) -> Deferred<std::unique_ptr<Drop>> {
            opened = who.name();
            if (open)
                return Failure(InUse());
            return std::unique_ptr<Drop>(std::make_unique<MemoryDrop>(messages, open));
        };
    }
    std::string connect() {
        transport = std::make_unique<test::StringTransport>(reactor);
        server = &transport->connect(
            std::make_unique<Pop3Server>(std::make_shared<const ServerOptions>(options), Logger("pop3"))
        );
        return greeting = transport->takeValue();
    }
    std::string say(const std::string& lines) {
        transport->receive(lines + "\r\n");
        return transport->takeValue();
    }
    void logIn() {
        connect();
        EXPECT_THAT(
            say("USER joe\r\nPASS sec ret"), HasSubstr("+OK " + std::to_string(messages.size()) + " messages")
        );
    }

    test::ManualReactor reactor;
    ServerOptions options;
    std::vector<std::string> messages{"Subject: a\n\none\n.two\nthree\n", "Subject: b\r\n\r\nx\r\n"};
    bool open = false;
    std::string opened, greeting;
    std::unique_ptr<test::StringTransport> transport;
    Pop3Server* server = nullptr;
};

TEST_F(Pop3, MessagesAreListedAndRead) {
    logIn();
    EXPECT_EQ(opened, "joe");
    EXPECT_EQ(say("STAT"), "+OK 2 " + std::to_string(messages[0].size() + messages[1].size()) + "\r\n");
    EXPECT_EQ(say("LIST 2"), "+OK 2 " + std::to_string(messages[1].size()) + "\r\n");
    EXPECT_EQ(say("UIDL"), "+OK\r\n1 id0\r\n2 id1\r\n.\r\n");
    EXPECT_EQ(say("UIDL 2"), "+OK 2 id1\r\n");
    EXPECT_THAT(
        say("RETR 1"), testing::EndsWith("octets\r\nSubject: a\r\n\r\none\r\n..two\r\nthree\r\n.\r\n")
    );
    EXPECT_THAT(say("RETR 2"), testing::EndsWith("octets\r\nSubject: b\r\n\r\nx\r\n.\r\n"));
    EXPECT_THAT(say("TOP 1 1"), testing::EndsWith("Subject: a\r\n\r\none\r\n.\r\n"));
    EXPECT_THAT(say("TOP 1 0"), testing::EndsWith("Subject: a\r\n\r\n.\r\n"));
    EXPECT_THAT(say("TOP 1 99"), testing::EndsWith("three\r\n.\r\n"));
    for (const char* bad : {"RETR 3", "RETR 0", "RETR x", "RETR", "TOP 1", "TOP 1 x", "DELE 9", "LIST 3"})
        EXPECT_THAT(say(bad), StartsWith("-ERR ")) << bad;
}

TEST_F(Pop3, DeletingHappensAtQuit) {
    logIn();
    EXPECT_EQ(say("DELE 1"), "+OK\r\n");
    EXPECT_THAT(say("RETR 1"), StartsWith("-ERR "));
    EXPECT_EQ(say("LIST"), "+OK\r\n2 " + std::to_string(messages[1].size()) + "\r\n.\r\n") << "numbers stay";
    transport->lose();
    EXPECT_EQ(messages.size(), 2U) << "without QUIT nothing is deleted";
    EXPECT_FALSE(open);
    logIn();
    EXPECT_EQ(say("DELE 1\r\nRSET\r\nDELE 2\r\nQUIT"), "+OK\r\n+OK\r\n+OK\r\n+OK\r\n");
    EXPECT_THAT(messages, ElementsAre(StartsWith("Subject: a")));
    EXPECT_TRUE(transport->closing());
}

TEST_F(Pop3, OneSessionHasTheMessages) {
    logIn();
    const auto first = std::move(transport);
    connect();
    EXPECT_THAT(say("USER joe\r\nPASS sec ret"), HasSubstr("-ERR [IN-USE] "));
}

TEST_F(Pop3, CommandsComeInTheirOrder) {
    connect();
    EXPECT_EQ(say("STAT"), "-ERR log in first\r\n");
    EXPECT_EQ(say("PASS x"), "-ERR say USER first\r\n");
    EXPECT_THAT(say("user joe\r\npass guess"), StartsWith("+OK"));
    reactor.advance(std::chrono::seconds(1));
    EXPECT_EQ(transport->takeValue(), "-ERR [AUTH] name and password do not fit\r\n");
    EXPECT_THAT(say("CAPA"), HasSubstr("SASL SCRAM-SHA-256 CRAM-MD5 PLAIN LOGIN\r\n"));
    logIn();
    EXPECT_THAT(say("CAPA"), Not(HasSubstr("SASL")));
    EXPECT_THAT(say("USER joe"), StartsWith("-ERR "));
    EXPECT_EQ(say("FOO"), "-ERR this command is not known\r\n");
    EXPECT_THAT(say("LAST"), StartsWith("-ERR "));
}

TEST_F(Pop3, ApopWherePasswordsAreInClear) {
    connect();
    const auto from = greeting.find('<');
    ASSERT_NE(from, std::string::npos) << greeting;
    EXPECT_THAT(say("APOP joe 00000000000000000000000000000000"), testing::IsEmpty());
    reactor.advance(std::chrono::seconds(1));
    EXPECT_THAT(transport->takeValue(), StartsWith("-ERR [AUTH] "));
}

TEST_F(Pop3, SaslLogsIn) {
    connect();
    EXPECT_THAT(
        say("AUTH PLAIN " + toBase64(std::string("\0joe\0sec ret", 12))), StartsWith("+OK 2 messages")
    );
    connect();
    EXPECT_EQ(say("AUTH PLAIN"), "+ \r\n");
    EXPECT_EQ(say("*"), "-ERR the login was given up\r\n");
    EXPECT_EQ(say("AUTH FOO"), "-ERR there is no such mechanism here\r\n");
}

TEST_F(Pop3, PasswordsInClearCanBeForbidden) {
    options.passwordsInClear = false;
    connect();
    EXPECT_THAT(say("USER joe"), StartsWith("-ERR [AUTH] "));
    const std::string capa = say("CAPA");
    EXPECT_THAT(capa, Not(HasSubstr("USER")));
    EXPECT_THAT(capa, HasSubstr("SASL SCRAM-SHA-256 CRAM-MD5\r\n"));
}

TEST_F(Pop3, SilenceEndsIt) {
    logIn();
    reactor.advance(std::chrono::minutes(10));
    transport->lose();
    EXPECT_FALSE(open);
    connect();
    for (int i = 0; i < 20; ++i)
        say("FOO");
    EXPECT_TRUE(transport->closing());
}

} // namespace
} // namespace twistdpp::pop3
