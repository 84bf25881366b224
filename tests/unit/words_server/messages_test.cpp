#include "unit/words_server/world.h"

#include <algorithm>
#include <gmock/gmock.h>

namespace twistdpp::words {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::MatchesRegex;

class Messages : public World {};

TEST_F(Messages, GoToTheOthersOnTheChannelOnce) {
    const auto m = members("#a", {"ann", "bob", "cat"});
    m[0]->send("PRIVMSG #A :hi");
    EXPECT_EQ(m[0]->take(), "");
    EXPECT_EQ(m[1]->take(), from("ann") + "PRIVMSG #a :hi\n");
    EXPECT_EQ(m[2]->take(), from("ann") + "PRIVMSG #a :hi\n");
    m[0]->send("NOTICE bob :psst");
    EXPECT_EQ(m[1]->take(), from("ann") + "NOTICE bob :psst\n");
    EXPECT_EQ(m[2]->take(), "");
}

TEST_F(Messages, ErrorsAndTheirSilenceForNotices) {
    Peer& ann = user("ann");
    EXPECT_EQ(ann.ask("PRIVMSG"), ":srv 411 ann :No recipient given (PRIVMSG)\n");
    EXPECT_EQ(ann.ask("PRIVMSG bob"), ":srv 412 ann :No text to send\n");
    EXPECT_EQ(ann.ask("PRIVMSG bob :"), ":srv 412 ann :No text to send\n");
    EXPECT_EQ(ann.ask("PRIVMSG bob :x"), ":srv 401 ann bob :No such nick/channel\n");
    EXPECT_EQ(ann.ask("PRIVMSG #b :x"), ":srv 403 ann #b :No such channel\n");
    EXPECT_EQ(ann.ask("NOTICE bob :x"), "");
    EXPECT_EQ(ann.ask("NOTICE"), "");
    user("bob");
    EXPECT_EQ(
        ann.ask("PRIVMSG bob,bob,bob,bob,bob :x"),
        ":srv 407 ann bob :Too many targets; the message was not delivered to these\n"
    );
}

TEST_F(Messages, WhoMaySpeakOnAChannel) {
    const auto m = members("#a", {"ann", "bob"});
    Peer& outside = user("eve");
    EXPECT_EQ(outside.ask("PRIVMSG #a :x"), ":srv 404 eve #a :Cannot send to channel\n");
    m[0]->send("MODE #a -n+m");
    EXPECT_EQ(outside.ask("PRIVMSG #a :x"), ":srv 404 eve #a :Cannot send to channel\n");
    EXPECT_THAT(m[1]->ask("PRIVMSG #a :x"), HasSubstr(" 404 "));
    m[0]->send("MODE #a +v bob");
    EXPECT_EQ(m[1]->ask("PRIVMSG #a :x"), "");
    m[0]->send("MODE #a -m");
    EXPECT_EQ(outside.ask("PRIVMSG #a :x"), "");
    m[0]->send("MODE #a +b eve");
    EXPECT_THAT(outside.ask("PRIVMSG #a :x"), HasSubstr(" 404 "));
    m[0]->send("MODE #a +e *!eve@*");
    EXPECT_EQ(outside.ask("PRIVMSG #a :x"), "");
}

TEST_F(Messages, ToARankAlone) {
    const auto m = members("#a", {"ann", "bob", "cat"});
    m[0]->send("MODE #a +v bob");
    m[1]->take();
    m[2]->take();
    m[2]->send("PRIVMSG @#a :ops");
    EXPECT_EQ(m[0]->take(), from("ann") + "MODE #a +v bob\n" + from("cat") + "PRIVMSG @#a :ops\n");
    EXPECT_EQ(m[1]->take(), "");
    m[2]->send("PRIVMSG +#a :voices");
    EXPECT_EQ(m[1]->take(), from("cat") + "PRIVMSG +#a :voices\n");
}

TEST_F(Messages, ALongTextIsCutBehindTheWholePrefix) {
    const auto m = members("#a", {"ann", "bob"});
    m[0]->send("PRIVMSG #a :" + std::string(490, 'x'));
    EXPECT_EQ(m[1]->take().size(), 511U); // without the CR
    m[0]->send("PRIVMSG #a :" + std::string(3000, 'x'));
    EXPECT_EQ(m[1]->take().size(), 511U);
}

TEST_F(Messages, EachGetsTheTagsItAskedFor) {
    Peer& ann = user("ann");
    Peer& time = user("tim", "server-time");
    Peer& tags = user("tag", "message-tags");
    Peer& all = user("all", "message-tags server-time account-tag");
    for (Peer* peer : {&ann, &time, &tags, &all})
        peer->send("JOIN #a");
    for (Peer* peer : {&ann, &time, &tags, &all})
        peer->take();
    ann.send("@+x=1;y=2;+z PRIVMSG #a :hi"
    ); // sent without message-tags: what is a client's own goes on all the same
    EXPECT_THAT(
        time.take(),
        MatchesRegex("@time=[0-9-]+T[0-9:]+\\.[0-9][0-9][0-9]Z :ann!ann@127.0.0.1 PRIVMSG #a :hi\n")
    );
    const std::string tagged = tags.take();
    EXPECT_THAT(tagged, MatchesRegex("@msgid=[^;]+;\\+x=1;\\+z :ann!.*PRIVMSG #a :hi\n"));
    const std::string id = tagged.substr(7, 24);
    EXPECT_THAT(all.take(), ContainsRegex("@time=[^;]+;msgid=" + id + ";\\+x=1;\\+z :ann!"));
}

TEST_F(Messages, TagsAlone) {
    Peer& ann = user("ann", "message-tags echo-message");
    Peer& bob = user("bob", "message-tags");
    Peer& old = user("old");
    for (Peer* peer : {&ann, &bob, &old})
        peer->send("JOIN #a");
    for (Peer* peer : {&ann, &bob, &old})
        peer->take();
    ann.send("@+typing=active TAGMSG #a");
    EXPECT_THAT(bob.take(), MatchesRegex("@msgid=[^;]+;\\+typing=active :ann!ann@127.0.0.1 TAGMSG #a\n"));
    EXPECT_THAT(ann.take(), HasSubstr("TAGMSG #a"));
    EXPECT_EQ(old.take(), "");
    EXPECT_EQ(old.ask("TAGMSG #a"), ":srv 421 old TAGMSG :Unknown command\n");
}

TEST_F(Messages, EchoIsTheVerySameMessage) {
    Peer& ann = user("ann", "echo-message message-tags");
    Peer& bob = user("bob", "message-tags");
    ann.send("PRIVMSG bob :hi");
    const std::string echo = ann.take();
    EXPECT_EQ(echo, bob.take());
    EXPECT_THAT(echo, HasSubstr("PRIVMSG bob :hi\n"));
}

TEST_F(Messages, TooLongTagsAreRefused) {
    Peer& ann = user("ann", "message-tags");
    EXPECT_EQ(
        ann.ask("@+a=" + std::string(4100, 'x') + " PRIVMSG ann :x"),
        ":srv 417 ann :Input line was too long\n"
    );
    EXPECT_EQ(
        ann.ask("@+a=" + std::string(9000, 'x') + " PRIVMSG ann :x"),
        ":srv 417 ann :Input line was too long\n"
    );
    EXPECT_THAT(ann.ask("@+a=" + std::string(4000, 'x') + " PRIVMSG ann :x"), HasSubstr("PRIVMSG ann :x\n"));
}

TEST_F(Messages, AnswersCarryTheLabel) {
    Peer& ann = user("ann", "labeled-response batch echo-message");
    EXPECT_EQ(ann.ask("@label=a1 PING x"), "@label=a1 :srv PONG srv :x\n");
    EXPECT_EQ(ann.ask("@label=a2 PONG x"), "@label=a2 :srv ACK\n");
    const std::string text = ann.ask("@label=a3 WHOIS ann");
    EXPECT_THAT(
        text, MatchesRegex(
                  "@label=a3 :srv BATCH \\+([0-9]+) labeled-response\n(@batch=[0-9]+ :srv [0-9]+ [^\n]*\n)+"
                  ":srv BATCH -[0-9]+\n"
              )
    );
    // The message is told twice: to whom it was said, and as the echo.
    EXPECT_THAT(ann.ask("@label=a4 PRIVMSG ann :me"), HasSubstr("@label=a4 :srv BATCH +"));
}

TEST_F(Messages, ASlowReaderIsCutAndNobodyElse) {
    ServerOptions options = plain();
    options.connections.sendQueue = 100'000;
    start(options);
    const auto m = members("#a", {"ann", "bob", "cat"});
    m[1]->transport.holdWrites();
    std::size_t got = 0;
    for (int i = 0; i < 300 && !m[1]->transport.aborted(); ++i) {
        m[0]->send("PRIVMSG #a :" + std::string(400, 'x'));
        got += m[2]->take().empty() ? 0 : 1;
    }
    ASSERT_TRUE(m[1]->transport.aborted());
    EXPECT_GT(got, 200U);
    EXPECT_LE(m[1]->transport.queued(), 100'000U);
    m[1]->transport.lose(*m[1]->transport.aborted());
    EXPECT_EQ(m[2]->take(), from("bob") + "QUIT :SendQ exceeded\n");
    EXPECT_FALSE(m[2]->transport.closing());
}

TEST_F(Messages, AFastTalkerIsReadLater) {
    ServerOptions options = plain();
    options.connections.linesPerSecond = 2;
    options.connections.lineBurst = 6;
    start(options);
    Peer& ann = user("ann"); // counts for three lines
    std::string lines;
    for (int i = 0; i < 10; ++i)
        lines += "PING " + std::to_string(i) + "\r\n";
    ann.transport.receive(lines);
    const auto pongs = [&] {
        const std::string text = ann.take();
        return std::count(text.begin(), text.end(), '\n');
    };
    EXPECT_EQ(pongs(), 3);
    EXPECT_TRUE(ann.transport.paused());
    reactor.advance(std::chrono::milliseconds(501));
    EXPECT_EQ(pongs(), 1);
    reactor.advance(std::chrono::seconds(10));
    EXPECT_EQ(pongs(), 6);
    EXPECT_FALSE(ann.transport.paused());
}

} // namespace
} // namespace twistdpp::words
