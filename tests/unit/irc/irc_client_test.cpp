#include "twistdpp/irc/irc_client.h"

#include "support/string_transport.h"
#include "unit/net/doubles.h"

#include <algorithm>
#include <gtest/gtest.h>

namespace twistdpp::irc {
namespace {

/// Writes down its events.
class Recorder final : public IRCClient {
public:
    std::string takeEvents() { return std::exchange(events_, {}); }

private:
    template <class... Parts>
    void note(const Parts&... parts) {
        ((events_ += std::string(Bytes(parts)) + " "), ...);
        events_.back() = '\n';
    }
    void signedOn() override { note("signedOn", nickname); }
    void joined(Bytes channel) override { note("joined", channel); }
    void left(Bytes channel) override { note("left", channel); }
    void kickedFrom(Bytes c, Bytes k, Bytes t) override { note("kickedFrom", c, k, t); }
    void nickChanged(Bytes nick) override { note("nickChanged", nick); }
    void privmsg(Bytes u, Bytes c, Bytes t) override { note("privmsg", u, c, t); }
    void noticed(Bytes u, Bytes c, Bytes t) override { note("noticed", u, c, t); }
    void action(Bytes u, Bytes c, Bytes t) override { note("action", u, c, t); }
    void userJoined(Bytes u, Bytes c) override { note("userJoined", u, c); }
    void userLeft(Bytes u, Bytes c, Bytes t) override { note("userLeft", u, c, t); }
    void userQuit(Bytes u, Bytes t) override { note("userQuit", u, t); }
    void userKicked(Bytes u, Bytes c, Bytes k, Bytes t) override { note("userKicked", u, c, k, t); }
    void userRenamed(Bytes f, Bytes n) override { note("userRenamed", f, n); }
    void topicUpdated(Bytes u, Bytes c, Bytes t) override { note("topicUpdated", u, c, t); }
    void invited(Bytes u, Bytes c) override { note("invited", u, c); }
    void modeChanged(Bytes u, Bytes c, const ModeChange& change) override {
        note("modeChanged", u, c, change.adding ? "+" : "-", Bytes(&change.letter, 1), change.param);
    }
    void receivedMOTD(const std::vector<std::string>& lines) override {
        note("receivedMOTD", std::to_string(lines.size()), lines.empty() ? "" : lines[0]);
    }

    std::string events_;
};

class IrcClient : public testing::Test {
protected:
    Recorder& begin(double rate = 0, const std::string& password = {}) {
        auto made = std::make_unique<Recorder>();
        made->nickname = "me";
        made->password = password;
        made->lineRate = rate;
        return transport.connect(std::move(made));
    }
    void greet() {
        transport.receive(
            ":srv 001 me :hi\r\n:srv 005 me CASEMAPPING=ascii PREFIX=(ov)@+ :are\r\n:srv 375 me :-\r\n"
            ":srv 372 me :- tea\r\n:srv 376 me :end\r\n"
        );
    }

    test::ManualReactor reactor;
    StringTransport transport{reactor};
};

TEST_F(IrcClient, RegistersAndTellsWhenItIsIn) {
    Recorder& client = begin(0, "pw");
    EXPECT_EQ(transport.takeValue(), "PASS :pw\r\nNICK me\r\nUSER me 0 * :me\r\n");
    greet();
    EXPECT_EQ(client.takeEvents(), "receivedMOTD 1 - tea\nsignedOn me\n");
}

TEST_F(IrcClient, TakesAnotherNickWhenItsOwnIsInUse) {
    Recorder& client = begin();
    transport.takeValue();
    transport.receive(":srv 433 * me :in use\r\n");
    EXPECT_EQ(transport.takeValue(), "NICK me_\r\n");
    transport.receive(":srv 001 me_ :hi\r\n:srv 422 me_ :no motd\r\n:srv 433 me_ x :in use\r\n");
    EXPECT_EQ(client.takeEvents(), "signedOn me_\n");
    EXPECT_EQ(transport.takeValue(), "");
}

TEST_F(IrcClient, AnswersPing) {
    begin();
    transport.takeValue();
    transport.receive("PING :a b\r\n");
    EXPECT_EQ(transport.takeValue(), "PONG :a b\r\n");
}

TEST_F(IrcClient, TellsOwnAndOthersDoingsApart) {
    Recorder& client = begin();
    greet();
    client.takeEvents();
    transport.receive(
        ":me!u@h JOIN #a\r\n:bob!b@h JOIN #a * :Bob\r\n:bob!b@h PRIVMSG #a :hi\r\n:bob!b@h NOTICE me "
        ":psst\r\n"
        ":bob!b@h PRIVMSG #a :\1ACTION waves\1\r\n:bob!b@h TOPIC #a :tea\r\n:bob!b@h MODE #a +o-v me bob\r\n"
        ":bob!b@h NICK rob\r\n:rob!b@h KICK #a cat :out\r\n:rob!b@h INVITE me :#b\r\n:rob!b@h PART #a "
        ":bye\r\n"
        ":rob!b@h QUIT :gone\r\n:me!u@h NICK mine\r\n:ann!a@h KICK #a MINE :you too\r\n:mine!u@h PART #c\r\n"
    );
    EXPECT_EQ(
        client.takeEvents(),
        "joined #a\nuserJoined bob #a\nprivmsg bob #a hi\nnoticed bob me psst\naction bob #a waves\n"
        "topicUpdated bob #a tea\nmodeChanged bob #a + o me\nmodeChanged bob #a - v bob\nuserRenamed bob "
        "rob\n"
        "userKicked cat #a rob out\ninvited rob #b\nuserLeft rob #a bye\nuserQuit rob gone\nnickChanged "
        "mine\n"
        "kickedFrom #a ann you too\nleft #c\n"
    );
}

TEST_F(IrcClient, ItsCallsAreLines) {
    Recorder& client = begin();
    transport.takeValue();
    client.join("#a");
    client.join("#b", "key");
    client.leave("#a", "so long");
    client.kick("#b", "bob");
    client.invite("bob", "#b");
    client.topic("#b");
    client.setTopic("#b", "");
    client.mode("#b", true, "o", "bob");
    client.describe("#b", "waves");
    client.away("tea");
    client.setNick("you");
    client.quit();
    EXPECT_EQ(
        transport.takeValue(),
        "JOIN #a\r\nJOIN #b key\r\nPART #a :so long\r\nKICK #b bob\r\nINVITE bob #b\r\nTOPIC #b\r\nTOPIC #b "
        ":\r\n"
        "MODE #b +o bob\r\nPRIVMSG #b :\1ACTION waves\1\r\nAWAY :tea\r\nNICK you\r\nQUIT\r\n"
    );
}

TEST_F(IrcClient, ALongTextIsSplitSoThatNoneIsCutOnItsWay) {
    Recorder& client = begin();
    greet();
    transport.receive(":me!user@some.host JOIN #a\r\n");
    transport.takeValue();
    client.msg("#a", "one\ntwo\r\nQUIT");
    EXPECT_EQ(transport.takeValue(), "PRIVMSG #a :one\r\nPRIVMSG #a :two\r\nPRIVMSG #a :QUIT\r\n");
    client.msg("#a", std::string(2000, 'x'));
    std::size_t total = 0;
    for (std::string text = transport.takeValue(); !text.empty();) {
        const auto end = text.find("\r\n");
        EXPECT_LE(std::string(":me!user@some.host ").size() + end, kMaxBody);
        total += end - std::string("PRIVMSG #a :").size();
        text.erase(0, end + 2);
    }
    EXPECT_EQ(total, 2000U);
}

TEST_F(IrcClient, WaitsBetweenLinesWhenItHasARate) {
    Recorder& client = begin(2);
    transport.takeValue();
    for (int i = 0; i < 6; ++i)
        client.msg("#a", std::to_string(i));
    const auto lines = [&] {
        const std::string text = transport.takeValue();
        return std::count(text.begin(), text.end(), '\n');
    };
    EXPECT_EQ(lines(), 3); // of five at once, two were the registration
    reactor.advance(std::chrono::milliseconds(501));
    EXPECT_EQ(lines(), 1);
    reactor.advance(std::chrono::seconds(2));
    EXPECT_EQ(lines(), 2);
}

TEST_F(IrcClient, WhateverComesItGoesOn) {
    Recorder& client = begin();
    transport.receive(
        std::string(20000, 'x') + "\r\n\r\n@\r\n:\r\n:x\r\n001\r\n005\r\nMODE\r\nJOIN\r\nPRIVMSG\r\nNICK\r\n"
    );
    client.takeEvents();
    greet();
    EXPECT_NE(client.takeEvents().find("signedOn me"), std::string::npos);
}

} // namespace
} // namespace twistdpp::irc
