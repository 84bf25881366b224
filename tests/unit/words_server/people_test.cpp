#include "unit/words_server/world.h"

#include <gmock/gmock.h>

namespace twistdpp::words {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class People : public World {};

TEST_F(People, ANickChangeIsToldOnceToEachWhoShares) {
    const auto m = members("#a", {"ann", "bob"});
    for (Peer* peer : m)
        peer->send("JOIN #b");
    Peer& eve = user("eve");
    for (Peer* peer : m)
        peer->take();
    EXPECT_EQ(m[0]->ask("NICK ANN"), from("ann") + "NICK :ANN\n");
    EXPECT_EQ(m[1]->take(), from("ann") + "NICK :ANN\n");
    EXPECT_EQ(eve.take(), "");
    m[0]->send("NICK zoe");
    EXPECT_EQ(m[1]->take(), ":ANN!ann@127.0.0.1 NICK :zoe\n");
    EXPECT_EQ(server->findUser("ann"), nullptr);
    EXPECT_THAT(eve.ask("WHOIS ZOE"), StartsWith(":srv 311 eve zoe ann 127.0.0.1 * :Real ann\n"));
}

TEST_F(People, AQuitIsToldOnceToEachWhoShares) {
    const auto m = members("#a", {"ann", "bob"});
    for (Peer* peer : m)
        peer->send("JOIN #b");
    m[1]->take();
    m[0]->send("QUIT :bye");
    EXPECT_EQ(m[1]->take(), from("ann") + "QUIT :Quit: bye\n");
    EXPECT_THAT(m[0]->take(), HasSubstr("ERROR :Closing Link: 127.0.0.1 (Quit: bye)\n"));
    EXPECT_TRUE(m[0]->transport.losing());
    m[0]->send("PRIVMSG bob :from beyond");
    m[0]->transport.lose();
    EXPECT_EQ(m[1]->take(), "");
    EXPECT_EQ(server->users().size(), 1U);
}

TEST_F(People, Whois) {
    const auto m = members("#a", {"ann", "bob"});
    m[0]->send("AWAY :tea");
    const std::string text = m[1]->ask("WHOIS ANN");
    EXPECT_THAT(
        text,
        ContainsRegex(
            "^:srv 311 bob ann ann 127.0.0.1 \\* :Real ann\n:srv 319 bob ann :@#a\n:srv 312 bob ann srv "
            ":Net\n"
            ":srv 301 bob ann :tea\n:srv 317 bob ann 0 [0-9]+ :seconds idle, signon time\n:srv 318 bob ann :"
        )
    );
    EXPECT_THAT(m[1]->ask("WHOIS srv ann"), HasSubstr(" 311 "));
    EXPECT_EQ(
        m[1]->ask("WHOIS eve"),
        ":srv 401 bob eve :No such nick/channel\n:srv 318 bob eve :End of /WHOIS list\n"
    );
    EXPECT_EQ(m[1]->ask("WHOIS"), ":srv 431 bob :No nickname given\n");
    EXPECT_THAT(
        m[1]->ask("WHOIS bob"),
        HasSubstr(":srv 338 bob bob bob@127.0.0.1 127.0.0.1 :is actually using host\n")
    );
}

TEST_F(People, WhowasIsNewestFirst) {
    Peer& bob = user("bob");
    EXPECT_EQ(
        bob.ask("WHOWAS ann"),
        ":srv 406 bob ann :There was no such nickname\n:srv 369 bob ann :End of WHOWAS\n"
    );
    user("ann").send("QUIT");
    Peer& second = connect();
    second.send("NICK ann", "USER two 0 * :Second");
    second.send("NICK zoe");
    const std::string text = bob.ask("WHOWAS ann");
    EXPECT_LT(text.find("314 bob ann two"), text.find("314 bob ann ann"));
    EXPECT_THAT(bob.ask("WHOWAS ann 1"), Not(HasSubstr("314 bob ann ann")));
    EXPECT_THAT(bob.ask("WHOWAS ann -1"), HasSubstr("314 bob ann ann"));
    EXPECT_THAT(bob.ask("WHOWAS ann 0"), HasSubstr("314 bob ann ann"));
}

TEST_F(People, Who) {
    const auto m = members("#a", {"ann", "bob"});
    m[1]->send("AWAY :x");
    EXPECT_EQ(
        m[0]->ask("WHO #a"), ":srv 352 ann #a ann 127.0.0.1 srv ann H@ :0 Real ann\n:srv 352 ann #a bob "
                             "127.0.0.1 srv bob G :0 Real bob\n"
                             ":srv 315 ann #a :End of /WHO list\n"
    );
    EXPECT_THAT(m[0]->ask("WHO bo*"), HasSubstr(" srv bob G "));
    m[1]->send("MODE bob +i");
    Peer& eve = user("eve");
    EXPECT_THAT(eve.ask("WHO bo*"), Not(HasSubstr(" 352 ")));
    EXPECT_THAT(m[0]->ask("WHO bo*"), HasSubstr(" 352 "));
    EXPECT_THAT(eve.ask("WHO bob"), HasSubstr(" 352 ")); // asked for by name
    EXPECT_THAT(eve.ask("WHO * o"), Not(HasSubstr(" 352 ")));
    EXPECT_EQ(eve.ask("WHO"), ":srv 315 eve * :End of /WHO list\n");
}

TEST_F(People, WhoWithFields) {
    const auto m = members("#a", {"ann", "bob"});
    EXPECT_EQ(
        m[0]->ask("WHO bob %tcuhsnfdlar,42"),
        ":srv 354 ann 42 #a bob 127.0.0.1 srv bob H 0 0 0 :Real bob\n:srv 315 ann bob :End of /WHO list\n"
    );
    EXPECT_THAT(m[0]->ask("WHO #a %n"), StartsWith(":srv 354 ann ann\n:srv 354 ann bob\n"));
}

TEST_F(People, AwayIsToldToThoseWhoAsked) {
    Peer& ann = user("ann", "away-notify");
    ann.send("JOIN #a");
    Peer& bob = user("bob");
    bob.send("JOIN #a");
    ann.take();
    EXPECT_EQ(bob.ask("AWAY :tea"), ":srv 306 bob :You have been marked as being away\n");
    EXPECT_EQ(ann.take(), from("bob") + "AWAY :tea\n");
    EXPECT_EQ(bob.ask("AWAY :tea"), ":srv 306 bob :You have been marked as being away\n");
    EXPECT_EQ(ann.take(), "");
    EXPECT_EQ(ann.ask("PRIVMSG bob :x"), ":srv 301 ann bob :tea\n");
    bob.send("PART #a", "JOIN #a");
    EXPECT_EQ(
        ann.take(), from("bob") + "PART #a\n" + from("bob") + "JOIN #a\n" + from("bob") + "AWAY :tea\n"
    );
    EXPECT_THAT(bob.ask("AWAY"), HasSubstr(":srv 305 bob :"));
    EXPECT_EQ(ann.take(), from("bob") + "AWAY\n");
}

TEST_F(People, IsonAndUserhost) {
    Peer& ann = user("ann");
    user("bob").send("AWAY :x");
    EXPECT_EQ(ann.ask("ISON bob eve ANN"), ":srv 303 ann :bob ann\n");
    EXPECT_EQ(ann.ask("ISON :eve bob"), ":srv 303 ann :bob\n");
    EXPECT_EQ(ann.ask("USERHOST bob ann eve"), ":srv 302 ann :bob=-bob@127.0.0.1 ann=+ann@127.0.0.1\n");
    EXPECT_EQ(ann.ask("USERHOST a b c d e ann"), ":srv 302 ann :\n");
}

TEST_F(People, Monitor) {
    Peer& ann = user("ann");
    EXPECT_EQ(ann.ask("MONITOR + bob,Eve"), ":srv 731 ann :bob,Eve\n");
    Peer& bob = user("bob");
    EXPECT_EQ(ann.take(), ":srv 730 ann :bob!bob@127.0.0.1\n");
    EXPECT_EQ(ann.ask("MONITOR S"), ":srv 730 ann :bob!bob@127.0.0.1\n:srv 731 ann :eve\n");
    EXPECT_EQ(ann.ask("MONITOR L"), ":srv 732 ann :bob,eve\n:srv 733 ann :End of MONITOR list\n");
    bob.send("NICK EVE");
    EXPECT_EQ(ann.take(), ":srv 731 ann :bob\n:srv 730 ann :EVE!bob@127.0.0.1\n");
    bob.send("QUIT");
    EXPECT_EQ(ann.take(), ":srv 731 ann :EVE\n");
    ann.send("MONITOR - eve");
    EXPECT_EQ(ann.ask("MONITOR L"), ":srv 732 ann :bob\n:srv 733 ann :End of MONITOR list\n");
    ann.send("MONITOR C");
    EXPECT_EQ(ann.ask("MONITOR L"), ":srv 733 ann :End of MONITOR list\n");
    std::string many = "a0";
    for (int i = 1; i < 101; ++i)
        many += ",a" + std::to_string(i);
    ann.send("MONITOR + " + many.substr(0, 400));
    ann.send("MONITOR + " + many.substr(300));
    EXPECT_THAT(ann.take(), HasSubstr(":srv 734 ann 100 a100 :Monitor list is full\n"));
}

TEST_F(People, SetnameIsToldAndChecked) {
    Peer& ann = user("ann", "setname standard-replies");
    Peer& bob = user("bob");
    EXPECT_EQ(ann.ask("SETNAME :New Name"), from("ann") + "SETNAME :New Name\n");
    EXPECT_THAT(bob.ask("WHOIS ann"), HasSubstr(":New Name\n"));
    EXPECT_EQ(ann.ask("SETNAME :"), ":srv FAIL SETNAME INVALID_REALNAME :Realname is not valid\n");
    EXPECT_EQ(bob.ask("SETNAME :"), ":srv NOTICE bob :Realname is not valid\n");
}

TEST_F(People, WhatTheServerSaysOfItself) {
    ServerOptions options = plain();
    options.admin = {"here", "us", "mail@srv"};
    start(options);
    Peer& ann = user("ann");
    EXPECT_THAT(ann.ask("VERSION"), StartsWith(":srv 351 ann v srv :Net\n"));
    EXPECT_THAT(ann.ask("TIME"), StartsWith(":srv 391 ann srv :"));
    EXPECT_EQ(
        ann.ask("ADMIN"), ":srv 256 ann srv :Administrative info\n:srv 257 ann :here\n:srv 258 ann :us\n:srv "
                          "259 ann :mail@srv\n"
    );
    EXPECT_THAT(ann.ask("INFO"), HasSubstr(":srv 374 ann :End of INFO list\n"));
    EXPECT_EQ(ann.ask("MOTD"), ":srv 422 ann :There is no message of the day\n");
    EXPECT_EQ(ann.ask("MOTD other"), ":srv 402 ann other :No such server\n");
    EXPECT_THAT(ann.ask("STATS u"), StartsWith(":srv 242 ann :Server Up 0 days 0:00:"));
    EXPECT_THAT(ann.ask("STATS m"), StartsWith(":srv 481 ann :"));
    EXPECT_THAT(ann.ask("LUSERS"), HasSubstr(":srv 255 ann :I have 1 clients and 0 servers\n"));
    EXPECT_EQ(ann.ask("NONSENSE"), ":srv 421 ann NONSENSE :Unknown command\n");
    EXPECT_EQ(ann.ask("12"), ":srv 421 ann * :Unknown command\n");
}

class Operators : public World {
protected:
    Peer& oper(const std::string& nick) {
        Peer& peer = user(nick);
        peer.send("OPER root secret");
        EXPECT_THAT(peer.take(), HasSubstr(" 381 "));
        return peer;
    }
};

TEST_F(Operators, NeedTheirPassword) {
    Peer& ann = user("ann");
    EXPECT_EQ(ann.ask("OPER root"), ":srv 461 ann OPER :Not enough parameters\n");
    EXPECT_EQ(ann.ask("KILL bob :x"), ":srv 481 ann :Permission denied: you're not an IRC operator\n");
    ann.send("OPER root wrong");
    reactor.advance(std::chrono::seconds(1));
    EXPECT_EQ(ann.take(), ":srv 464 ann :Password incorrect\n");
    EXPECT_THAT(ann.ask("OPER root secret"), StartsWith(from("ann") + "MODE ann :+osw\n:srv 381 ann "));
    EXPECT_EQ(server->operators(), 1U);
    EXPECT_EQ(ann.ask("MODE ann -o"), from("ann") + "MODE ann :-os\n");
    EXPECT_EQ(server->operators(), 0U);
    ServerOptions none = plain();
    none.operators.clear();
    start(none);
    EXPECT_EQ(user("ann").ask("OPER root secret"), ":srv 491 ann :No operators may come from your host\n");
}

TEST_F(Operators, TheServersPasswordIsNoOperators) {
    ServerOptions options = plain();
    options.password = *PasswordHash::parse("sesame");
    start(options);
    Peer& ann = connect();
    ann.send("PASS sesame", "NICK ann", "USER a 0 * :A");
    ann.take();
    EXPECT_THAT(ann.ask("OPER : sesame"), Not(HasSubstr(" 381 ")));
    EXPECT_EQ(server->operators(), 0U);
}

TEST_F(Operators, KillAndWallops) {
    Peer& root = oper("root");
    const auto m = members("#a", {"ann", "bob"});
    m[1]->send("MODE bob +w");
    m[1]->take();
    root.send("WALLOPS :fire");
    EXPECT_EQ(m[1]->take(), from("root") + "WALLOPS :fire\n");
    EXPECT_EQ(m[0]->take(), "");
    root.send("KILL ann :spam");
    EXPECT_THAT(m[0]->take(), StartsWith(from("root") + "KILL ann :spam\nERROR :"));
    EXPECT_EQ(m[1]->take(), from("ann") + "QUIT :Killed (root (spam))\n");
    EXPECT_THAT(root.ask("STATS o"), HasSubstr(":srv 243 root O * * :root\n"));
    EXPECT_THAT(root.ask("STATS m"), HasSubstr(" 212 root KILL :1\n"));
    EXPECT_THAT(root.ask("KILL nobody"), HasSubstr(" 401 "));
}

TEST_F(Operators, ActAsFoundersOnChannels) {
    ServerOptions options = plain();
    options.groups = {"#g"};
    start(options);
    Peer& root = oper("root");
    EXPECT_EQ(root.ask("MODE #g +m"), from("root") + "MODE #g +m\n");
    Peer& ann = user("ann");
    ann.send("JOIN #g");
    root.send("MODE #g +q ann");
    EXPECT_THAT(ann.take(), HasSubstr("MODE #g +q ann\n"));
    EXPECT_THAT(ann.ask("NAMES #g"), HasSubstr(" :~ann\n"));
}

TEST_F(Operators, ChangeHostsAndOldClientsSeeItToo) {
    Peer& root = oper("root");
    Peer& ann = user("ann");
    ann.send("JOIN #a");
    Peer& old = user("old");
    Peer& fresh = user("new", "chghost");
    old.send("JOIN #a");
    fresh.send("JOIN #a");
    old.take();
    fresh.take();
    root.send("CHGHOST ann tea.house");
    EXPECT_EQ(fresh.take(), from("ann") + "CHGHOST ann tea.house\n");
    EXPECT_EQ(
        old.take(), from("ann") + "QUIT :Changing host\n:ann!ann@tea.house JOIN #a\n:srv MODE #a +o ann\n"
    );
    EXPECT_THAT(ann.take(), HasSubstr(":srv 396 ann tea.house :is now your visible host\n"));
    EXPECT_THAT(root.ask("CHGHOST ann :a b"), HasSubstr("That is not a host name"));
}

} // namespace
} // namespace twistdpp::words
