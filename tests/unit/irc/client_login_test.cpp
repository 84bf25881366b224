#include "twistdpp/irc/irc_client.h"

#include "support/string_transport.h"
#include "unit/net/doubles.h"

#include "twistdpp/base/base64.h"

#include <gmock/gmock.h>

// What a client asks of a server before it is let in.

namespace twistdpp::irc {
namespace {

using testing::HasSubstr;

class Bot final : public IRCClient {
public:
    bool keepGoing = false;
    std::string heard;

private:
    void signedOn() override { heard += "on\n"; }
    void loginFailed(Bytes why) override {
        heard.append("failed: ").append(why).append("\n");
        if (!keepGoing)
            IRCClient::loginFailed(why);
    }
};

class Login : public testing::Test {
protected:
    Login() : transport(reactor) { bot = std::make_unique<Bot>(); }
    std::string connect() {
        bot->nickname = "bot";
        client = &transport.connect(std::move(bot));
        return transport.takeValue();
    }
    std::string hear(const std::string& line) {
        transport.receive(line + "\r\n");
        return transport.takeValue();
    }
    void logInAs(Bytes password) { bot->account.emplace("ann", Secret(password)); }

    test::ManualReactor reactor;
    test::StringTransport transport;
    std::unique_ptr<Bot> bot;
    Bot* client = nullptr;
};

TEST_F(Login, WhoAsksForNothingSaysNothing) {
    EXPECT_EQ(connect(), "NICK bot\r\nUSER bot 0 * :bot\r\n");
}

TEST_F(Login, TakesWhatBothKnow) {
    bot->capabilities = {"server-time", "account-tag", "unheard-of"};
    EXPECT_THAT(connect(), HasSubstr("CAP LS 302\r\nNICK bot\r\n"));
    EXPECT_EQ(hear(":srv CAP * LS * :multi-prefix server-time"), "");
    EXPECT_EQ(hear(":srv CAP * LS :account-tag sasl=PLAIN"), "CAP REQ :account-tag server-time\r\n");
    EXPECT_EQ(hear(":srv CAP * ACK :account-tag server-time"), "CAP END\r\n");
    EXPECT_TRUE(client->has("server-time"));
    EXPECT_FALSE(client->has("multi-prefix"));
    EXPECT_EQ(hear(":srv CAP bot DEL :server-time"), "");
    EXPECT_FALSE(client->has("server-time"));
    EXPECT_EQ(hear(":srv CAP bot NEW :server-time other"), "CAP REQ :server-time\r\n");
    EXPECT_EQ(hear(":srv CAP bot ACK server-time"), "") << "registration is over";
    EXPECT_TRUE(client->has("server-time"));
}

TEST_F(Login, ServersOfOldAreLetBe) {
    bot->capabilities = {"server-time"};
    connect();
    EXPECT_EQ(hear(":srv 421 bot CAP :Unknown command"), "");
    EXPECT_EQ(hear(":srv 001 bot :Welcome"), "");
    EXPECT_EQ(hear(":srv 422 bot :No MOTD"), "");
    EXPECT_EQ(client->heard, "on\n");
}

TEST_F(Login, ByPlain) {
    logInAs("secret");
    connect();
    EXPECT_EQ(hear(":srv CAP * LS :sasl=PLAIN,FOO"), "CAP REQ :sasl\r\n");
    EXPECT_EQ(hear(":srv CAP * ACK :sasl"), "AUTHENTICATE PLAIN\r\n");
    EXPECT_EQ(hear("AUTHENTICATE +"), "AUTHENTICATE " + toBase64(std::string("\0ann\0secret", 11)) + "\r\n");
    EXPECT_EQ(hear(":srv 900 bot bot!b@h ann :You are now logged in"), "");
    EXPECT_EQ(hear(":srv 903 bot :Successful"), "CAP END\r\n");
    EXPECT_EQ(client->loggedInAs(), "ann");
    EXPECT_EQ(client->heard, "");
}

TEST_F(Login, LongResponsesGoInChunks) {
    logInAs(std::string(294, 'x')); // 300 bytes in all: 400 in base64
    connect();
    hear(":srv CAP * LS :sasl=PLAIN");
    hear(":srv CAP * ACK :sasl");
    const std::string sent = hear("AUTHENTICATE +");
    EXPECT_THAT(sent, testing::EndsWith("\r\nAUTHENTICATE +\r\n"));
    EXPECT_EQ(sent.find("\r\n"), 13U + 400U);
}

TEST_F(Login, ARefusalEndsTheConnection) {
    logInAs("guess");
    connect();
    hear(":srv CAP * LS :sasl=PLAIN");
    hear(":srv CAP * ACK :sasl");
    hear("AUTHENTICATE +");
    hear(":srv 904 bot :SASL authentication failed");
    EXPECT_EQ(client->heard, "failed: SASL authentication failed\n");
    EXPECT_TRUE(transport.closing());
}

TEST_F(Login, UnlessTheProgramWantsToGoOn) {
    logInAs("guess");
    bot->keepGoing = true;
    connect();
    EXPECT_EQ(hear(":srv CAP * LS :multi-prefix"), "CAP END\r\n");
    EXPECT_EQ(client->heard, "failed: the server offers no SASL\n");
}

TEST_F(Login, APasswordIsNotSentOverANetworkInClear) {
    transport.setPeer(*Address::parse("192.0.2.1", 6667));
    logInAs("secret");
    connect();
    hear(":srv CAP * LS :sasl=PLAIN");
    EXPECT_EQ(hear(":srv CAP * ACK :sasl").find("AUTHENTICATE"), std::string::npos);
    EXPECT_EQ(client->heard, "failed: the server offers no way to log in that is safe here\n");
    EXPECT_TRUE(transport.closing());
}

TEST_F(Login, AServerThatProvesNothingIsNotBelieved) {
    logInAs("secret");
    connect();
    hear(":srv CAP * LS :sasl=SCRAM-SHA-256");
    EXPECT_EQ(hear(":srv CAP * ACK :sasl"), "AUTHENTICATE SCRAM-SHA-256\r\n");
    hear("AUTHENTICATE +");
    hear(":srv 903 bot :Successful");
    EXPECT_THAT(client->heard, HasSubstr("before it has proved"));
    EXPECT_TRUE(transport.closing());
}

TEST_F(Login, QuestionsThatHaveAnswers) {
    connect();
    std::optional<Outcome<Whois>> bob;
    client->whois("Bob").addBoth([&](Outcome<Whois> outcome) { bob = std::move(outcome); }).detach();
    EXPECT_EQ(transport.takeValue(), "WHOIS Bob\r\n");
    hear(":srv 311 bot bob b host * :Bob of the tests");
    hear(":srv 319 bot bob :@#a +#b");
    hear(":srv 330 bot bob bobby :is logged in as");
    hear(":srv 317 bot bob 65 1700000000 :seconds idle");
    ASSERT_FALSE(bob);
    hear(":srv 318 bot bob :End");
    ASSERT_TRUE(bob && bob->ok());
    EXPECT_EQ(bob->value().realname, "Bob of the tests");
    EXPECT_EQ(bob->value().channels, (std::vector<std::string>{"@#a", "+#b"}));
    EXPECT_EQ(bob->value().account, "bobby");
    EXPECT_EQ(bob->value().idle, std::chrono::seconds(65));

    std::string failed;
    const auto note = [&](const Failure& why) { failed = why.message(); };
    client->whois("nobody").addCallback([](const Whois&) {}).addErrback(note).detach();
    hear(":srv 401 bot nobody :No such nick/channel");
    EXPECT_EQ(failed, "No such nick/channel");

    std::vector<std::string> names;
    client->names("#a").addCallback([&](std::vector<std::string> all) { names = std::move(all); }).detach();
    hear(":srv 353 bot = #a :@ann bob");
    hear(":srv 353 bot = #a :cat");
    hear(":srv 366 bot #a :End");
    EXPECT_EQ(names, (std::vector<std::string>{"@ann", "bob", "cat"}));

    client->whois("late").addCallback([](const Whois&) {}).addErrback(note).detach();
    transport.lose(ConnectionLost("gone"));
    EXPECT_THAT(failed, HasSubstr("gone"));
}

} // namespace
} // namespace twistdpp::irc
