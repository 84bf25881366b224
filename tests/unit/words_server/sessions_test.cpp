#include "unit/words_server/world.h"

// Several connections of one account on one nick.

namespace twistdpp::words {
namespace {

class Sessions : public World {
protected:
    Sessions() {
        ServerOptions options = plain();
        options.motd = {"hello"};
        start(std::move(options), {"memory:alice:wonder:bob:builder"});
    }
    /// A connection that logs in by PASS.
    Peer& login(const std::string& nick, const std::string& password, const std::string& caps = {}) {
        Peer& peer = connect();
        if (!caps.empty())
            peer.send("CAP REQ :" + caps);
        peer.send("PASS " + password, "NICK " + nick, "USER " + nick + " 0 * :Real " + nick);
        if (!caps.empty())
            peer.send("CAP END");
        return peer;
    }
};

TEST_F(Sessions, ASecondConnectionOfAnAccountIsTheSameUser) {
    Peer& bob = user("bob");
    Peer& desk = login("alice", "wonder");
    desk.send("JOIN #room", "TOPIC #room :tea");
    bob.send("JOIN #room");
    bob.take();
    Peer& phone = login("alice", "wonder");
    const std::string greeting = phone.take();
    EXPECT_NE(greeting.find(" 001 alice "), std::string::npos) << greeting;
    EXPECT_NE(greeting.find(from("alice") + "JOIN #room\n:srv 332 alice #room :tea\n"), std::string::npos)
        << greeting;
    EXPECT_NE(greeting.find(" 353 alice = #room :"), std::string::npos) << greeting;
    EXPECT_EQ(bob.take(), "") << "nobody else sees that a connection came";
    EXPECT_EQ(server->users().size(), 2U);

    desk.take();
    bob.send("PRIVMSG #room :to all", "PRIVMSG alice :to you");
    const std::string heard =
        from("bob") + "PRIVMSG #room :to all\n" + from("bob") + "PRIVMSG alice :to you\n";
    EXPECT_EQ(desk.take(), heard);
    EXPECT_EQ(phone.take(), heard);
}

TEST_F(Sessions, WhatOneConnectionDoesTheOtherSees) {
    Peer& bob = user("bob");
    Peer& desk = login("alice", "wonder");
    Peer& phone = login("alice", "wonder", "echo-message");
    phone.take();
    desk.send("JOIN #room");
    EXPECT_EQ(
        phone.take(),
        from("alice") +
            "JOIN #room\n:srv 353 alice = #room :@alice\n:srv 366 alice #room :End of /NAMES list\n"
    );
    bob.send("JOIN #room");
    phone.take();
    desk.send("PRIVMSG #room :one", "PRIVMSG bob :two");
    EXPECT_EQ(phone.take(), from("alice") + "PRIVMSG #room :one\n" + from("alice") + "PRIVMSG bob :two\n");
    desk.take();
    phone.send("PRIVMSG #room :three", "PRIVMSG bob :four");
    EXPECT_EQ(desk.take(), from("alice") + "PRIVMSG #room :three\n")
        << "without echo-message a private one would look like bob's";
    phone.take();
    desk.send("NICK alicia", "PART #room");
    EXPECT_EQ(phone.take(), from("alice") + "NICK :alicia\n:alicia!alice@127.0.0.1 PART #room\n");
}

TEST_F(Sessions, TheUserLeavesWithItsLastConnection) {
    Peer& bob = user("bob");
    Peer& desk = login("alice", "wonder");
    Peer& phone = login("alice", "wonder");
    desk.send("JOIN #room");
    bob.send("JOIN #room", "MONITOR + alice");
    bob.take();
    phone.take();
    desk.send("QUIT :bye");
    EXPECT_EQ(bob.take(), "");
    EXPECT_EQ(phone.take(), "") << "the other connection is not concerned";
    EXPECT_EQ(phone.ask("PING x"), ":srv PONG srv :x\n");
    phone.transport.lose();
    EXPECT_EQ(bob.take(), from("alice") + "QUIT :Connection closed\n:srv 731 bob :alice\n");
    EXPECT_EQ(server->users().size(), 1U);
    EXPECT_EQ(server->registered(), 1U);
}

TEST_F(Sessions, AnotherAccountOrNoneDoesNotGetTheNick) {
    Peer& desk = login("alice", "wonder");
    desk.take();
    Peer& stranger = connect();
    EXPECT_EQ(stranger.ask("NICK alice"), ":srv 433 * alice :Nickname is already in use\n");
    Peer& wrong = login("alice", "guess");
    reactor.advance(std::chrono::seconds(1));
    EXPECT_NE(wrong.take().find(" 433 * alice "), std::string::npos);
    EXPECT_EQ(wrong.ask("JOIN #x"), ":srv 451 * :You have not registered\n");
    Peer& waiting = connect();
    waiting.send("CAP LS 302", "NICK alice", "USER x 0 * :x");
    waiting.take();
    EXPECT_EQ(waiting.ask("CAP END"), ":srv 433 * alice :Nickname is already in use\n");
    EXPECT_EQ(desk.ask("PING x"), ":srv PONG srv :x\n");
}

TEST_F(Sessions, AKillEndsAllOfThem) {
    Peer& root = user("root");
    root.send("OPER root secret");
    Peer& desk = login("alice", "wonder");
    Peer& phone = login("alice", "wonder");
    desk.take();
    phone.take();
    root.send("KILL alice :enough");
    EXPECT_NE(desk.take().find("KILL alice :enough\nERROR :Closing Link: "), std::string::npos);
    EXPECT_NE(phone.take().find("KILL alice :enough\nERROR :Closing Link: "), std::string::npos);
    EXPECT_EQ(server->users().size(), 1U);
}

TEST_F(Sessions, AWatchIsOfTheConnectionThatAskedForIt) {
    Peer& desk = login("alice", "wonder");
    Peer& phone = login("alice", "wonder");
    desk.send("MONITOR + bob");
    desk.take();
    phone.take();
    user("bob");
    EXPECT_EQ(desk.take(), ":srv 730 alice :bob!bob@127.0.0.1\n");
    EXPECT_EQ(phone.take(), "");
    desk.send("QUIT");
    connect().send("NICK carol", "USER c 0 * :c");
    EXPECT_EQ(phone.take(), "");
}

} // namespace
} // namespace twistdpp::words
