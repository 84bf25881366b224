#include "unit/words_server/world.h"

#include <gmock/gmock.h>

// CHATHISTORY, MARKREAD, REDACT, METADATA.

namespace twistdpp::words {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

constexpr const char* kAll =
    "batch server-time message-tags draft/chathistory standard-replies labeled-response "
    "draft/read-marker draft/message-redaction draft/metadata-2";

class Past : public World {
protected:
    Past() { start(plain(), {"memory:ann:pw:bob:pw:cat:pw"}); }
    Peer& login(const std::string& nick, const std::string& caps = kAll) {
        Peer& peer = connect();
        peer.send("CAP REQ :" + caps, "PASS pw", "NICK " + nick, "USER " + nick + " 0 * :R", "CAP END");
        EXPECT_THAT(peer.take(), HasSubstr(" 001 " + nick + " "));
        return peer;
    }
    /// The bodies of PRIVMSGs in `text`, joined.
    static std::string texts(const std::string& text) {
        std::string out;
        for (std::size_t at = text.find("PRIVMSG "); at != std::string::npos;
             at = text.find("PRIVMSG ", at + 1)) {
            const std::size_t begin = text.find(" :", at) + 2;
            out += text.substr(begin, text.find('\n', begin) - begin) + ",";
        }
        return out;
    }
    static std::string idOf(const std::string& text, const std::string& said) {
        const std::size_t line = text.rfind("@batch=", text.find(said));
        return text.substr(text.find("msgid=", line) + 6, 24);
    }
};

TEST_F(Past, OfAChannelIsForThoseWhoAreOnIt) {
    Peer& ann = login("ann");
    ann.send("JOIN #a", "PRIVMSG #a :one", "NOTICE #a :two", "@+x=y TAGMSG #a", "PRIVMSG #a :three");
    const std::string answer = ann.ask("CHATHISTORY LATEST #a * 10");
    EXPECT_THAT(
        answer, MatchesRegex("@time=[^ ]+ :srv BATCH .1 chathistory #a\n|:srv BATCH .1 chathistory #a\n"
                             "@batch=1;time=[^;]+;msgid=[^ ]+ :ann!ann@127.0.0.1 PRIVMSG #a :one\n"
                             "@batch=1;time=[^;]+;msgid=[^ ]+ :ann!ann@127.0.0.1 NOTICE #a :two\n"
                             "@batch=1;time=[^;]+;msgid=[^ ]+ :ann!ann@127.0.0.1 PRIVMSG #a :three\n"
                             ":srv BATCH -1\n")
    );
    EXPECT_EQ(texts(ann.ask("CHATHISTORY LATEST #a * 1")), "three,");
    const std::string id = idOf(answer, "PRIVMSG #a :one");
    EXPECT_EQ(texts(ann.ask("CHATHISTORY AFTER #a msgid=" + id + " 10")), "three,");
    EXPECT_EQ(texts(ann.ask("CHATHISTORY BEFORE #a timestamp=2000-01-01T00:00:00.000Z 10")), "");
    EXPECT_EQ(texts(ann.ask("CHATHISTORY AFTER #a timestamp=2000-01-01T00:00:00Z 10")), "one,three,");
    EXPECT_THAT(
        login("bob").ask("CHATHISTORY LATEST #a * 10"),
        HasSubstr(":srv FAIL CHATHISTORY INVALID_TARGET LATEST #a :Messages could not be retrieved\n")
    );
}

TEST_F(Past, IsAskedForInTheRightWords) {
    Peer& ann = login("ann");
    ann.send("JOIN #a");
    EXPECT_THAT(ann.ask("CHATHISTORY NEWEST #a * 10"), HasSubstr("FAIL CHATHISTORY INVALID_PARAMS NEWEST :"));
    EXPECT_THAT(ann.ask("CHATHISTORY LATEST #a *"), HasSubstr("FAIL CHATHISTORY NEED_MORE_PARAMS LATEST :"));
    EXPECT_THAT(ann.ask("CHATHISTORY LATEST #a * ten"), HasSubstr("INVALID_PARAMS"));
    EXPECT_THAT(ann.ask("CHATHISTORY LATEST #a * 0"), HasSubstr("INVALID_PARAMS"));
    EXPECT_THAT(ann.ask("CHATHISTORY BEFORE #a * 10"), HasSubstr("INVALID_PARAMS"));
    EXPECT_THAT(ann.ask("CHATHISTORY BEFORE #a timestamp=yesterday 10"), HasSubstr("INVALID_PARAMS"));
    EXPECT_THAT(ann.ask("CHATHISTORY BETWEEN #a msgid=x 10"), HasSubstr("NEED_MORE_PARAMS"));
    EXPECT_EQ(
        ann.ask("@label=7 CHATHISTORY LATEST #a * 5"),
        "@label=7 :srv BATCH +2 labeled-response\n@batch=2 :srv BATCH +1 chathistory #a\n:srv BATCH -1\n:srv "
        "BATCH -2\n"
    );
}

TEST_F(Past, EventsAreForThoseWhoAskForThem) {
    Peer& ann = login("ann");
    ann.send("JOIN #a");
    Peer& bob = login("bob", std::string(kAll) + " draft/event-playback");
    bob.send("JOIN #a", "PRIVMSG #a :hi", "MODE #a +m", "TOPIC #a :t", "PART #a :off", "JOIN #a");
    EXPECT_EQ(texts(ann.ask("CHATHISTORY LATEST #a * 50")), "hi,");
    const std::string all = bob.ask("CHATHISTORY LATEST #a * 50");
    EXPECT_THAT(all, HasSubstr(from("ann") + "JOIN #a\n"));
    EXPECT_THAT(all, HasSubstr(from("bob") + "PART #a :off\n"));
    bob.send("QUIT :bye");
    ann.send("CAP REQ :draft/event-playback");
    EXPECT_THAT(ann.ask("CHATHISTORY LATEST #a * 50"), HasSubstr(from("bob") + "QUIT :Quit: bye\n"));
}

TEST_F(Past, OfATalkIsForTheTwo) {
    Peer& ann = login("ann");
    Peer& bob = login("bob");
    ann.send("PRIVMSG bob :psst");
    bob.send("PRIVMSG ann :yes?");
    EXPECT_EQ(texts(ann.ask("CHATHISTORY LATEST bob * 10")), "psst,yes?,");
    EXPECT_EQ(texts(bob.ask("CHATHISTORY LATEST ann * 10")), "psst,yes?,");
    EXPECT_EQ(texts(login("cat").ask("CHATHISTORY LATEST ann * 10")), "");
    Peer& nobody = user("dan", kAll);
    nobody.send("PRIVMSG ann :anonymous");
    EXPECT_THAT(nobody.ask("CHATHISTORY LATEST ann * 10"), HasSubstr("INVALID_TARGET"));
    EXPECT_THAT(ann.ask("CHATHISTORY LATEST dan * 10"), HasSubstr("INVALID_TARGET"));
    bob.send("QUIT");
    EXPECT_EQ(texts(ann.ask("CHATHISTORY LATEST bob * 10")), "psst,yes?,")
        << "the account, when nobody has the nick";
}

TEST_F(Past, TellsWhereSomethingWasSaid) {
    Peer& ann = login("ann");
    login("bob");
    ann.send("JOIN #quiet", "JOIN #loud", "PRIVMSG #loud :x", "PRIVMSG bob :y");
    const std::string all =
        ann.ask("CHATHISTORY TARGETS timestamp=2000-01-01T00:00:00.000Z timestamp=2100-01-01T00:00:00.000Z 10"
        );
    EXPECT_THAT(all, HasSubstr("BATCH +1 draft/chathistory-targets\n"));
    EXPECT_THAT(all, ContainsRegex("@batch=1 :srv CHATHISTORY TARGETS #loud 20[0-9T:.-]+Z\n"));
    EXPECT_THAT(all, ContainsRegex("@batch=1 :srv CHATHISTORY TARGETS bob 20[0-9T:.-]+Z\n"));
    EXPECT_THAT(all, Not(HasSubstr("#quiet")));
}

TEST_F(Past, SeveralLinesComeBackAsOneMessage) {
    Peer& ann = login("ann", std::string(kAll) + " draft/multiline");
    ann.send(
        "JOIN #a", "BATCH +1 draft/multiline #a", "@batch=1 PRIVMSG #a :one", "@batch=1 PRIVMSG #a :two",
        "BATCH -1"
    );
    const std::string text = ann.ask("CHATHISTORY LATEST #a * 5");
    EXPECT_THAT(
        text,
        ContainsRegex("@batch=1;time=[^;]+;msgid=[^ ]+ :ann!ann@127.0.0.1 BATCH .[^ ]+ draft/multiline #a\n")
    );
    EXPECT_EQ(texts(text), "one,two,");
}

TEST_F(Past, WhereOneHasReadIsKnownToAllOnesClients) {
    Peer& ann = login("ann");
    Peer& phone = login("ann");
    EXPECT_THAT(ann.ask("JOIN #a"), HasSubstr(":srv MARKREAD #a *\n"));
    phone.take();
    EXPECT_THAT(
        ann.ask("MARKREAD #a timestamp=2026-01-02T03:04:05.678Z"),
        HasSubstr("MARKREAD #a timestamp=2026-01-02T03:04:05.678Z\n")
    );
    EXPECT_THAT(phone.take(), HasSubstr("MARKREAD #a timestamp=2026-01-02T03:04:05.678Z\n"));
    EXPECT_THAT(
        phone.ask("MARKREAD #a timestamp=2025-01-02T03:04:05.678Z"),
        HasSubstr("timestamp=2026-01-02T03:04:05.678Z\n")
    );
    EXPECT_EQ(ann.take(), "");
    EXPECT_THAT(ann.ask("MARKREAD #A"), HasSubstr("MARKREAD #A timestamp=2026-"));
    EXPECT_THAT(ann.ask("MARKREAD #a timestamp=now"), HasSubstr("FAIL MARKREAD INVALID_PARAMS #a :"));
    EXPECT_THAT(ann.ask("MARKREAD"), HasSubstr("FAIL MARKREAD NEED_MORE_PARAMS :"));
    EXPECT_THAT(user("dan", kAll).ask("MARKREAD #a"), HasSubstr("FAIL MARKREAD ACCOUNT_REQUIRED #a :"));
}

TEST_F(Past, WhatWasSaidCanBeTakenBack) {
    Peer& ann = login("ann");
    Peer& bob = login("bob");
    ann.send("JOIN #a");
    bob.send("JOIN #a", "PRIVMSG #a :oops");
    ann.send("PRIVMSG #a :mine");
    const std::string before = ann.ask("CHATHISTORY LATEST #a * 5");
    const std::string oops = idOf(before, "oops");
    const std::string mine = idOf(before, "mine");
    bob.take();
    EXPECT_THAT(
        bob.ask("REDACT #a " + mine + " :no"), HasSubstr("FAIL REDACT REDACT_FORBIDDEN #a " + mine + " :")
    );
    EXPECT_THAT(
        bob.ask("REDACT #a " + oops + " :typo"), HasSubstr(from("bob") + "REDACT #a " + oops + " :typo\n")
    );
    EXPECT_THAT(ann.take(), HasSubstr(from("bob") + "REDACT #a " + oops + " :typo\n"));
    EXPECT_EQ(texts(ann.ask("CHATHISTORY LATEST #a * 5")), "mine,");
    EXPECT_THAT(bob.ask("REDACT #a " + oops), HasSubstr("FAIL REDACT UNKNOWN_MSGID"));
    EXPECT_THAT(bob.ask("REDACT #b " + oops), HasSubstr("FAIL REDACT INVALID_TARGET"));
    bob.send("PRIVMSG #a :rude");
    const std::string rude = idOf(ann.ask("CHATHISTORY LATEST #a * 5"), "rude");
    EXPECT_THAT(ann.ask("REDACT #a " + rude), HasSubstr("REDACT #a " + rude + "\n")) << "an operator may";
}

TEST_F(Past, PeopleSayThingsOfThemselves) {
    Peer& ann = login("ann");
    Peer& bob = login("bob");
    ann.send("JOIN #a");
    bob.send("JOIN #a");
    EXPECT_THAT(bob.ask("METADATA * SUB avatar color"), HasSubstr(" 770 bob avatar color\n"));
    EXPECT_THAT(ann.ask("METADATA * SET color :deep red"), HasSubstr(" 761 ann ann color * :deep red\n"));
    EXPECT_THAT(bob.take(), HasSubstr(from("ann") + "METADATA ann color * :deep red\n"));
    EXPECT_THAT(ann.ask("METADATA * SET size :big"), HasSubstr(" 761 "));
    EXPECT_EQ(bob.take(), "") << "it did not ask for that";
    EXPECT_THAT(
        bob.ask("METADATA ann GET size hair"),
        ContainsRegex(" 761 bob ann size . :big\n.* 766 bob ann hair :key not set\n")
    );
    EXPECT_THAT(bob.ask("METADATA ann LIST"), ContainsRegex(" color . :deep red\n.* size . :big\n"));
    EXPECT_THAT(bob.ask("METADATA ann SYNC"), Not(HasSubstr("size")));
    EXPECT_THAT(
        bob.ask("METADATA ann SET color :blue"), HasSubstr("FAIL METADATA KEY_NO_PERMISSION ann color :")
    );
    EXPECT_THAT(bob.ask("METADATA #a SET url :x"), HasSubstr("KEY_NO_PERMISSION #a url"));
    EXPECT_THAT(ann.ask("METADATA #a SET url :x"), HasSubstr(" 761 ann #a url * :x\n"));
    EXPECT_THAT(ann.ask("METADATA * SET Bad! :x"), HasSubstr("FAIL METADATA KEY_INVALID Bad! :"));
    EXPECT_THAT(ann.ask("METADATA * SET none"), HasSubstr("KEY_NOT_SET ann none"));
    EXPECT_THAT(ann.ask("METADATA * SET color"), HasSubstr(" 766 ann ann color :key not set\n"));
    EXPECT_THAT(bob.take(), HasSubstr("METADATA ann color * :\n"));
    EXPECT_THAT(bob.ask("METADATA nobody LIST"), HasSubstr("INVALID_TARGET nobody"));
    EXPECT_THAT(bob.ask("METADATA * UNSUB color"), HasSubstr(" 771 bob color\n"));
    EXPECT_THAT(bob.ask("METADATA * SUBS"), HasSubstr(" 772 bob avatar\n"));
    EXPECT_THAT(ann.ask("METADATA * CLEAR"), HasSubstr(" size "));
    EXPECT_THAT(ann.ask("METADATA * LIST"), Not(HasSubstr(" 761 ")));
    for (int i = 0; i < 32; ++i)
        ann.send("METADATA * SET key" + std::to_string(i) + " :x");
    EXPECT_THAT(ann.ask("METADATA * SET onemore :x"), HasSubstr("LIMIT_REACHED ann"));
    EXPECT_THAT(ann.ask("METADATA * SET key1 :" + std::string(301, 'x')), HasSubstr("VALUE_INVALID"));
}

TEST_F(Past, WithoutAnAccountWhatOneSaysOfOneselfGoesWithTheNick) {
    Peer& dan = user("dan", kAll);
    dan.send("METADATA * SET color :red");
    dan.send("NICK eve");
    Peer& other = user("dan", kAll);
    EXPECT_THAT(other.ask("METADATA * LIST"), Not(HasSubstr(" 761 ")));
}

} // namespace
} // namespace twistdpp::words
