#include "twistdpp/irc/irc_client.h"

#include "support/string_transport.h"
#include "unit/net/doubles.h"

#include <gmock/gmock.h>

namespace twistdpp::irc {
namespace {

using testing::MatchesRegex;

class Asker final : public IRCClient {
public:
    std::string heard;

private:
    void action(Bytes user, Bytes channel, Bytes text) override { note("action", user, channel, text); }
    void privmsg(Bytes user, Bytes channel, Bytes text) override { note("privmsg", user, channel, text); }
    void noticed(Bytes user, Bytes channel, Bytes text) override { note("noticed", user, channel, text); }
    void ctcpReply(Bytes user, Bytes, Bytes tag, Bytes data) override { note("reply", user, tag, data); }
    void note(Bytes what, Bytes a, Bytes b, Bytes c) {
        heard.append(what).append(" ").append(a).append(" ").append(b).append(" ").append(c).append("\n");
    }
};

class Ctcp : public testing::Test {
protected:
    Ctcp() : transport(reactor) {
        auto made = std::make_unique<Asker>();
        made->nickname = "me";
        made->versionName = "test 1";
        client = &transport.connect(std::move(made));
        transport.takeValue();
    }
    std::string hear(const std::string& command, const std::string& text) {
        transport.receive(":bob!b@h " + command + " me :" + text + "\r\n");
        return transport.takeValue();
    }
    test::ManualReactor reactor;
    test::StringTransport transport;
    Asker* client;
};

TEST_F(Ctcp, QuestionsAreAnswered) {
    EXPECT_EQ(hear("PRIVMSG", "\1VERSION\1"), "NOTICE bob :\1VERSION test 1\1\r\n");
    EXPECT_EQ(hear("PRIVMSG", "\1ping 123 456\1"), "NOTICE bob :\1PING 123 456\1\r\n");
    EXPECT_THAT(
        hear("PRIVMSG", "\1TIME"), MatchesRegex("NOTICE bob :\1TIME ..., [0-9]+ ... 20[0-9]+ .*\r\n")
    );
    EXPECT_EQ(client->heard, "");
}

TEST_F(Ctcp, ButOnlySoManyAndSomeNever) {
    EXPECT_EQ(hear("PRIVMSG", "\1SOURCE\1"), "") << "no text is set";
    EXPECT_EQ(hear("PRIVMSG", "\1NONSENSE\1"), "");
    EXPECT_EQ(hear("NOTICE", "\1VERSION\1"), "") << "an answer is not answered";
    for (int i = 0; i < 3; ++i)
        EXPECT_NE(hear("PRIVMSG", "\1PING x\1"), "");
    EXPECT_EQ(hear("PRIVMSG", "\1PING x\1"), "");
    reactor.advance(std::chrono::seconds(10));
    EXPECT_NE(hear("PRIVMSG", "\1PING x\1"), "");
}

TEST_F(Ctcp, AnswersAndActionsAreEvents) {
    client->ctcpMakeQuery("bob", "PING", "42");
    EXPECT_EQ(transport.takeValue(), "PRIVMSG bob :\1PING 42\1\r\n");
    hear("NOTICE", "\1PING 42\1");
    hear("PRIVMSG", "\1ACTION waves\1");
    hear("PRIVMSG", "\1");
    EXPECT_EQ(client->heard, "reply bob PING 42\naction bob me waves\nprivmsg bob me \1\n");
}

} // namespace
} // namespace twistdpp::irc
