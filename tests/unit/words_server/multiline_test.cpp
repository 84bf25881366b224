#include "unit/words_server/world.h"

#include <gmock/gmock.h>

// Messages of several lines (IRCv3 "multiline").

namespace twistdpp::words {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

class MultilineMessages : public World {
protected:
    MultilineMessages()
        : ann(user("ann", "draft/multiline batch message-tags labeled-response echo-message")),
          bob(user("bob", "draft/multiline batch message-tags")), cat(user("cat", "message-tags")),
          dan(user("dan")) {
        for (Peer* peer : {&ann, &bob, &cat, &dan})
            peer->send("JOIN #a");
        for (Peer* peer : {&ann, &bob, &cat, &dan})
            peer->take();
    }
    void sendPoem() {
        ann.send(
            "@+draft/reply=x BATCH +1 draft/multiline #A", "@batch=1 PRIVMSG #a :roses are",
            "@batch=1;draft/multiline-concat PRIVMSG #a : red",
            "@batch=1 PRIVMSG #a :", "@batch=1 PRIVMSG #a :the end", "BATCH -1"
        );
    }

    Peer &ann, &bob, &cat, &dan;
};

TEST_F(MultilineMessages, AreOneBatchForWhoKnowsThem) {
    sendPoem();
    const std::string text = bob.take();
    EXPECT_THAT(
        text,
        MatchesRegex("@msgid=([^;]+);.draft/reply=x :ann!ann@127.0.0.1 BATCH .([^ ]+) draft/multiline #a\n"
                     "@batch=[^ ]+ :ann!ann@127.0.0.1 PRIVMSG #a :roses are\n"
                     "@batch=[^ ]+;draft/multiline-concat :ann!ann@127.0.0.1 PRIVMSG #a : red\n"
                     "@batch=[^ ]+ :ann!ann@127.0.0.1 PRIVMSG #a :\n"
                     "@batch=[^ ]+ :ann!ann@127.0.0.1 PRIVMSG #a :the end\n"
                     ":srv BATCH -[^ ]+\n")
    );
    const std::string id = text.substr(7, 24);
    EXPECT_THAT(text, HasSubstr(" BATCH +" + id + " "));
    EXPECT_THAT(text, HasSubstr(" BATCH -" + id + "\n"));
    EXPECT_THAT(text, HasSubstr("@batch=" + id + " "));
    EXPECT_EQ(ann.take(), text) << "the echo is the same";
}

TEST_F(MultilineMessages, AreLinesForOthers) {
    sendPoem();
    EXPECT_EQ(
        dan.take(), from("ann") + "PRIVMSG #a :roses are\n" + from("ann") + "PRIVMSG #a : red\n" +
                        from("ann") + "PRIVMSG #a :the end\n"
    );
    EXPECT_THAT(
        cat.take(), MatchesRegex("@msgid=[^ ]+ :ann!ann@127.0.0.1 PRIVMSG #a :roses are\n"
                                 ":ann!ann@127.0.0.1 PRIVMSG #a : red\n"
                                 ":ann!ann@127.0.0.1 PRIVMSG #a :the end\n")
    );
}

TEST_F(MultilineMessages, TheLabelOfTheBeginningIsAnsweredAtTheEnd) {
    EXPECT_EQ(ann.ask("@label=z BATCH +1 draft/multiline bob"), "");
    EXPECT_EQ(ann.ask("@batch=1 PRIVMSG bob :one"), "");
    EXPECT_THAT(
        ann.ask("BATCH -1"),
        MatchesRegex("@label=z :srv BATCH .1 labeled-response\n"
                     "@batch=1;msgid=[^ ]+ :ann!ann@127.0.0.1 BATCH .[^ ]+ draft/multiline bob\n"
                     "@batch=[^ ]+ :ann!ann@127.0.0.1 PRIVMSG bob :one\n"
                     ":srv BATCH -[^ ]+\n"
                     ":srv BATCH -1\n")
    );
    EXPECT_THAT(bob.take(), HasSubstr("PRIVMSG bob :one\n"));
}

TEST_F(MultilineMessages, WhatIsWrongSendsNothing) {
    ann.send("CAP REQ standard-replies");
    EXPECT_THAT(ann.ask("BATCH +1 netsplit x"), HasSubstr("FAIL BATCH UNKNOWN_TYPE netsplit :"));
    EXPECT_THAT(ann.ask("BATCH 1"), HasSubstr("FAIL BATCH INVALID_REFTAG :"));
    EXPECT_THAT(ann.ask("BATCH -1"), HasSubstr("FAIL BATCH INVALID_REFTAG :"));
    EXPECT_THAT(ann.ask("@batch=1 PRIVMSG #a :x"), HasSubstr("FAIL BATCH INVALID_REFTAG :"));

    ann.send("BATCH +1 draft/multiline #a");
    EXPECT_EQ(
        ann.ask("@batch=1 PRIVMSG #b :x"),
        ":srv FAIL BATCH MULTILINE_INVALID_TARGET #a #b :Every line has to go to the batch's target\n"
    );
    EXPECT_EQ(ann.ask("@batch=1 PRIVMSG #a :more"), "") << "told once";
    EXPECT_EQ(ann.ask("BATCH -1"), "");

    ann.send("BATCH +2 draft/multiline #a", "@batch=2 PRIVMSG #a :x");
    EXPECT_THAT(ann.ask("@batch=2 NOTICE #a :y"), HasSubstr("FAIL BATCH MULTILINE_INVALID :"));
    ann.send("BATCH -2");

    EXPECT_EQ(ann.ask("BATCH +3 draft/multiline #a"), "");
    EXPECT_THAT(ann.ask("BATCH -3"), HasSubstr("FAIL BATCH MULTILINE_INVALID :"));
    ann.send("BATCH +4 draft/multiline #a", "@batch=4 PRIVMSG #a :");
    EXPECT_THAT(ann.ask("BATCH -4"), HasSubstr("FAIL BATCH MULTILINE_INVALID :"));
    EXPECT_EQ(bob.take(), "");
    EXPECT_EQ(dan.ask("BATCH +1 draft/multiline #a"), ":srv 421 dan BATCH :Unknown command\n");
}

TEST_F(MultilineMessages, AreBounded) {
    ann.send("CAP REQ standard-replies", "BATCH +1 draft/multiline #a");
    ann.take();
    for (int i = 0; i < 24; ++i)
        EXPECT_EQ(ann.ask("@batch=1 PRIVMSG #a :x"), "");
    EXPECT_EQ(ann.ask("@batch=1 PRIVMSG #a :x"), ":srv FAIL BATCH MULTILINE_MAX_LINES 24 :Too many lines\n");
    ann.send("BATCH -1", "BATCH +2 draft/multiline #a");
    const std::string line = "@batch=2 PRIVMSG #a :" + std::string(400, 'x');
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(ann.ask(line), "");
    EXPECT_EQ(ann.ask(line), ":srv FAIL BATCH MULTILINE_MAX_BYTES 4096 :Too many bytes\n");
    EXPECT_EQ(bob.take(), "");
}

TEST_F(MultilineMessages, MayNotBeSaidWhereALineMayNot) {
    Peer& eve = user("eve", "draft/multiline batch message-tags");
    eve.send("BATCH +1 draft/multiline #a", "@batch=1 PRIVMSG #a :x");
    EXPECT_EQ(eve.ask("BATCH -1"), ":srv 404 eve #a :Cannot send to channel\n");
}

} // namespace
} // namespace twistdpp::words
