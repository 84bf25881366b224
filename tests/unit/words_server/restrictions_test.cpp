#include "unit/words_server/world.h"

#include "twistdpp/base/base64.h"

#include <gmock/gmock.h>

// What a channel can ask of who joins and speaks: accounts, silence, no CTCP; and the price of commands.

namespace twistdpp::words {
namespace {

using testing::HasSubstr;
using testing::Not;

class Restrictions : public World {
protected:
    Restrictions() { start(plain(), {"memory:ann:pw:bob:pw"}); }
    Peer& loggedIn(const std::string& nick) {
        Peer& peer = connect();
        peer.send("PASS pw", "NICK " + nick, "USER " + nick + " 0 * :A");
        EXPECT_THAT(peer.take(), HasSubstr(" 001 " + nick + " "));
        return peer;
    }
};

TEST_F(Restrictions, AccountsToJoinAndToSpeak) {
    Peer& ann = loggedIn("ann");
    ann.send("JOIN #c", "MODE #c +R");
    Peer& guest = user("guest");
    EXPECT_THAT(guest.ask("JOIN #c"), HasSubstr(":srv 477 guest #c :Cannot join channel (+R)"));
    ann.send("INVITE guest #c");
    EXPECT_THAT(guest.ask("JOIN #c"), HasSubstr(" JOIN #c")) << "who was invited comes in";
    ann.send("MODE #c -R+M");
    EXPECT_THAT(guest.ask("PRIVMSG #c :hello"), HasSubstr(" 404 guest #c :"));
    ann.send("MODE #c +v guest");
    EXPECT_EQ(guest.ask("PRIVMSG #c :hello"), "");
    EXPECT_THAT(ann.ask("MODE #c"), HasSubstr(" 324 ann #c +ntM\n"));
}

TEST_F(Restrictions, BansOfAnAccountWhateverTheNick) {
    Peer& ann = loggedIn("ann");
    ann.send("JOIN #c", "MODE #c +b ~a:BOB");
    EXPECT_THAT(ann.ask("MODE #c b"), HasSubstr(" 367 ann #c ~a:BOB "));
    Peer& bob = loggedIn("bob");
    EXPECT_THAT(bob.ask("JOIN #c"), HasSubstr(" 474 "));
    bob.send("NICK bobby");
    EXPECT_THAT(bob.ask("JOIN #c"), HasSubstr(" 474 "));
    EXPECT_THAT(user("guest").ask("JOIN #c"), HasSubstr(" JOIN #c")) << "without an account it is nobody's";
}

TEST_F(Restrictions, AMuteLetsInAndSilences) {
    Peer& ann = loggedIn("ann");
    Peer& bob = loggedIn("bob");
    ann.send("JOIN #c", "MODE #c +bb ~q:guest!*@* ~q:~a:bob");
    Peer& guest = user("guest");
    EXPECT_THAT(guest.ask("JOIN #c"), HasSubstr(" JOIN #c"));
    EXPECT_THAT(guest.ask("PRIVMSG #c :hello"), HasSubstr(" 404 guest #c :"));
    bob.send("JOIN #c");
    EXPECT_THAT(bob.ask("PRIVMSG #c :hello"), HasSubstr(" 404 bob #c :"));
    ann.send("MODE #c +e guest!*@*");
    EXPECT_EQ(guest.ask("PRIVMSG #c :hello"), "");
}

TEST_F(Restrictions, NoCtcpButActions) {
    const std::vector<Peer*> on = members("#c", {"ann", "bob"});
    on[0]->send("MODE #c +C");
    on[1]->take();
    EXPECT_THAT(on[1]->ask("PRIVMSG #c :\x01VERSION\x01"), HasSubstr(" 404 bob #c :Cannot send CTCP"));
    EXPECT_EQ(
        on[1]->ask("PRIVMSG #c :\x01"
                   "ACTION waves\x01"),
        ""
    );
    EXPECT_THAT(on[0]->take(), HasSubstr("ACTION waves"));
    EXPECT_EQ(on[1]->ask("PRIVMSG ann :\x01VERSION\x01"), "") << "between two people it goes on";
}

TEST_F(World, WhatIsDearCountsForSeveralLines) {
    ServerOptions options = plain();
    options.connections.linesPerSecond = 1;
    options.connections.lineBurst = 12;
    start(std::move(options));
    Peer& ann = user("ann"); // NICK counts for two, USER for one
    ann.send("LIST", "PING 1", "LIST", "PING 2");
    const std::string got = ann.take();
    EXPECT_THAT(got, HasSubstr("PONG srv :1"));
    EXPECT_THAT(got, Not(HasSubstr("PONG srv :2"))) << "the second LIST has used it up";
    reactor.advance(std::chrono::seconds(5));
    EXPECT_THAT(ann.take(), HasSubstr("PONG srv :2"));
}

TEST_F(World, AnswersThatTakeTimeHaveTheirLabels) {
    start(plain(), {"memory:ann:pw"});
    Peer& ann = user("ann", "labeled-response batch sasl");
    EXPECT_THAT(ann.ask("@label=1 OPER root guess"), testing::IsEmpty()) << "a refusal takes its time";
    EXPECT_EQ(ann.ask("PING x"), ":srv PONG srv :x\n");
    reactor.advance(std::chrono::seconds(1));
    EXPECT_EQ(ann.take(), "@label=1 :srv 464 ann :Password incorrect\n");
    EXPECT_THAT(ann.ask("@label=2 OPER root secret"), HasSubstr("@label=2 :srv BATCH +"));
    EXPECT_EQ(ann.ask("@label=3 AUTHENTICATE PLAIN"), "@label=3 AUTHENTICATE +\n");
    EXPECT_EQ(ann.ask("@label=4 AUTHENTICATE " + toBase64(std::string("\0ann\0no", 7))), "");
    reactor.advance(std::chrono::seconds(1));
    EXPECT_EQ(ann.take(), "@label=4 :srv 904 ann :SASL authentication failed\n");
}

TEST_F(World, RehashIsForOperators) {
    Peer& root = user("root");
    EXPECT_THAT(root.ask("REHASH"), HasSubstr(" 481 "));
    root.send("OPER root secret");
    EXPECT_THAT(root.ask("REHASH"), HasSubstr("This server cannot do that"));
    int times = 0;
    server->onRehash([&] { ++times; });
    EXPECT_THAT(root.ask("REHASH"), HasSubstr(" 382 root "));
    EXPECT_EQ(times, 1);
}

TEST_F(World, OneAddressMakesSoManyAccountsInAnHour) {
    ArrivalLimits limits;
    limits.accountsAnHour = 2;
    Arrivals arrivals;
    const TimePoint now = TimePoint{} + std::chrono::hours(5);
    const Address there = *Address::parse("192.0.2.1", 1);
    EXPECT_TRUE(arrivals.admitAccount(there, limits, now));
    EXPECT_TRUE(arrivals.admitAccount(there, limits, now));
    EXPECT_FALSE(arrivals.admitAccount(there, limits, now + std::chrono::minutes(59)));
    EXPECT_TRUE(arrivals.admitAccount(*Address::parse("192.0.2.2", 1), limits, now));
    EXPECT_TRUE(arrivals.admitAccount(there, limits, now + std::chrono::minutes(60)));
}

TEST_F(World, WhoMakesTooManyAccountsIsTold) {
    ServerOptions options = plain();
    options.registration = true;
    options.arrivals.accountsAnHour = 1;
    options.gateways.emplace_back(*Prefix::parse("127.0.0.0/8"), *PasswordHash::parse("gate"));
    start(std::move(options));
    for (const char* nick : {"ann", "bob"}) {
        Peer& peer = connect();
        peer.send("WEBIRC gate g h 192.0.2.7", std::string("NICK ") + nick, "USER u 0 * :A");
        peer.take();
        const std::string answer = peer.ask("NS REGISTER long-enough");
        EXPECT_EQ(answer.find("Too many accounts were made") != std::string::npos, nick == Bytes("bob"))
            << answer;
    }
}

} // namespace
} // namespace twistdpp::words
