#include "unit/words_server/world.h"

#include <gmock/gmock.h>

// Bot mode, UTF-8, extended-monitor, pre-away, no-implicit-names, sts.

namespace twistdpp::words {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

class Modern : public World {};

TEST_F(Modern, ABotSaysThatItIsOne) {
    Peer& bot = user("bot");
    Peer& ann = user("ann", "message-tags");
    EXPECT_EQ(bot.ask("MODE bot +B"), from("bot") + "MODE bot :+B\n");
    bot.send("PRIVMSG ann :beep");
    EXPECT_THAT(ann.take(), ContainsRegex("^@msgid=[^;]+;bot :bot!"));
    EXPECT_THAT(ann.ask("WHOIS bot"), HasSubstr(":srv 335 ann bot :is a bot\n"));
    EXPECT_THAT(ann.ask("WHO bot"), HasSubstr(" HB :"));
}

TEST_F(Modern, WhatIsNoUtf8IsRefused) {
    Peer& ann = user("ann", "standard-replies");
    Peer& bob = user("bob");
    EXPECT_EQ(ann.ask("PRIVMSG bob :\xff"), ":srv FAIL PRIVMSG INVALID_UTF8 :This server takes UTF-8 only\n");
    EXPECT_EQ(
        ann.ask("PRIVMSG bob :\xed\xa0\x80"), ":srv FAIL PRIVMSG INVALID_UTF8 :This server takes UTF-8 only\n"
    );
    EXPECT_EQ(bob.take(), "");
    ann.send("PRIVMSG bob :gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80");
    EXPECT_THAT(bob.take(), HasSubstr("gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80\n"));

    ServerOptions options = plain();
    options.utf8Only = false;
    start(std::move(options));
    Peer& old = user("old");
    Peer& other = user("other");
    old.send("PRIVMSG other :\xff");
    EXPECT_EQ(other.take(), from("old") + "PRIVMSG other :\xff\n");
}

TEST_F(Modern, WhoWatchesANickMayHearMoreOfIt) {
    Peer& ann = user("ann");
    Peer& bob = user("bob", "extended-monitor away-notify");
    Peer& cat = user("cat", "away-notify");
    bob.send("MONITOR + ann");
    cat.send("MONITOR + ann");
    bob.take();
    cat.take();
    ann.send("AWAY :gone");
    EXPECT_EQ(bob.take(), from("ann") + "AWAY :gone\n");
    EXPECT_EQ(cat.take(), "");
    ann.send("JOIN #a");
    bob.send("JOIN #a");
    bob.take();
    ann.send("AWAY");
    EXPECT_EQ(bob.take(), from("ann") + "AWAY\n") << "once, also when both are on a channel";
}

TEST_F(Modern, AwayCanBeSaidBeforeOneComesIn) {
    Peer& ann = connect();
    EXPECT_EQ(ann.ask("AWAY :x"), ":srv 451 * :You have not registered\n");
    ann.send("CAP REQ draft/pre-away");
    ann.take();
    EXPECT_EQ(ann.ask("AWAY :x"), ":srv 306 * :You have been marked as being away\n");
    ann.send("NICK ann", "USER a 0 * :A", "CAP END");
    EXPECT_THAT(user("bob").ask("PRIVMSG ann :y"), HasSubstr(" 301 bob ann :x\n"));
}

TEST_F(Modern, NamesComeOnlyWhenAskedForIfThatIsWanted) {
    Peer& ann = user("ann", "draft/no-implicit-names");
    EXPECT_EQ(ann.ask("JOIN #a"), from("ann") + "JOIN #a\n");
    EXPECT_THAT(ann.ask("NAMES #a"), HasSubstr(" 353 ann = #a :@ann\n"));
}

TEST_F(Modern, TlsIsRecommendedToWhoCameWithout) {
    EXPECT_THAT(connect().ask("CAP LS 302"), Not(HasSubstr("sts")));
    ServerOptions options = plain();
    options.stsPort = 6697;
    options.stsDuration = std::chrono::hours(24);
    start(std::move(options));
    Peer& ann = connect();
    EXPECT_THAT(ann.ask("CAP LS 302"), HasSubstr(" sts=port=6697"));
    EXPECT_EQ(ann.ask("CAP REQ sts"), ":srv CAP * NAK :sts\n");
    EXPECT_THAT(connect().ask("CAP LS"), Not(HasSubstr("sts")));
}

} // namespace
} // namespace twistdpp::words
