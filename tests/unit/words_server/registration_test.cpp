#include "unit/words_server/world.h"

#include "twistdpp/base/base64.h"

#include <algorithm>
#include <gmock/gmock.h>

namespace twistdpp::words {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class Registration : public World {};

TEST_F(Registration, TheGreetingHasEveryNumericInItsOrder) {
    ServerOptions options = plain();
    options.motd = {"tea", ""};
    start(options);
    Peer& peer = connect();
    peer.send("NICK ann");
    EXPECT_EQ(peer.take(), "");
    peer.send("USER a 0 * :Ann A");
    const std::string text = peer.take();
    std::string codes;
    for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
        codes += text.substr(at + 5, 4);
    EXPECT_EQ(codes, "001 002 003 004 005 005 005 251 252 253 254 255 265 266 375 372 372 376 ");
    EXPECT_THAT(text, StartsWith(":srv 001 ann :Welcome to the Net IRC network, ann!a@127.0.0.1\n"));
    EXPECT_THAT(text, HasSubstr(":srv 372 ann :- tea\n"));
}

TEST_F(Registration, TheSupportedTokensAreNoMoreThanThirteenALine) {
    Peer& ann = user("ann");
    const std::string text = ann.ask("VERSION");
    EXPECT_THAT(text, HasSubstr(" CHANMODES=beI,k,l,imnstCMR "));
    EXPECT_THAT(text, HasSubstr(" PREFIX=(qaohv)~&@%+ "));
    EXPECT_THAT(text, HasSubstr(" CASEMAPPING=ascii "));
    EXPECT_THAT(text, HasSubstr(" CHANLIMIT=#&:60 "));
    for (std::size_t at = text.find(":srv 005"); at < text.size(); at = text.find('\n', at) + 1) {
        const std::string line = text.substr(at, text.find('\n', at) - at);
        const std::string tokens = line.substr(0, line.find(" :are supported"));
        EXPECT_LE(std::count(tokens.begin(), tokens.end(), ' '), 2 + 13) << line;
    }
}

TEST_F(Registration, ANetworksNameIsEscaped) {
    ServerOptions options = plain();
    options.network = "A = \\";
    start(options);
    EXPECT_THAT(user("ann").ask("VERSION"), HasSubstr(" NETWORK=A\\x20\\x3d\\x20\\x5c "));
}

TEST_F(Registration, OtherCommandsHaveToWait) {
    Peer& peer = connect();
    EXPECT_EQ(peer.ask("JOIN #a"), ":srv 451 * :You have not registered\n");
    EXPECT_EQ(peer.ask("FOO"), ":srv 451 * :You have not registered\n");
    EXPECT_EQ(peer.ask("PING x"), ":srv PONG srv :x\n");
    EXPECT_EQ(peer.ask("PING"), ":srv 409 * :No origin specified\n");
}

TEST_F(Registration, NicksThatCannotBe) {
    user("ann");
    Peer& peer = connect();
    EXPECT_EQ(peer.ask("NICK"), ":srv 431 * :No nickname given\n");
    EXPECT_EQ(peer.ask("NICK :"), ":srv 431 * :No nickname given\n");
    EXPECT_EQ(peer.ask("NICK 9a"), ":srv 432 * 9a :Erroneous nickname\n");
    EXPECT_EQ(peer.ask("NICK :a b"), ":srv 432 * * :Erroneous nickname\n");
    EXPECT_EQ(peer.ask("NICK ANN"), ":srv 433 * ANN :Nickname is already in use\n");
    EXPECT_EQ(peer.ask("NICK nickserv"), ":srv 433 * nickserv :Nickname is already in use\n");
    EXPECT_EQ(peer.ask("USER"), ":srv 461 * USER :Not enough parameters\n");
}

TEST_F(Registration, ANickIsTakenByWhoComesInFirst) {
    Peer& slow = connect();
    slow.send("CAP LS 302", "NICK ann", "USER a 0 * :A");
    user("ann");
    slow.take();
    EXPECT_EQ(slow.ask("CAP END"), ":srv 433 * ann :Nickname is already in use\n");
    EXPECT_THAT(slow.ask("NICK eve"), StartsWith(":srv 001 eve "));
}

TEST_F(Registration, HappensOnce) {
    Peer& ann = user("ann");
    EXPECT_EQ(ann.ask("USER a 0 * :A"), ":srv 462 ann :You may not reregister\n");
    EXPECT_EQ(ann.ask("PASS x"), ":srv 462 ann :You may not reregister\n");
}

TEST_F(Registration, TheServersPassword) {
    ServerOptions options = plain();
    options.password = *PasswordHash::parse("sesame");
    start(options);
    Peer& good = connect();
    good.send("PASS sesame", "NICK ann", "USER a 0 * :A");
    EXPECT_THAT(good.take(), StartsWith(":srv 001 ann "));
    Peer& bad = connect();
    bad.send("PASS simsalabim", "NICK eve", "USER a 0 * :A");
    reactor.advance(std::chrono::seconds(2));
    EXPECT_THAT(bad.take(), StartsWith(":srv 464 eve :Password incorrect\nERROR :"));
    EXPECT_TRUE(bad.transport.losing());
}

TEST_F(Registration, WhoNeverComesInIsSentAway) {
    Peer& peer = connect();
    reactor.advance(std::chrono::seconds(61));
    EXPECT_THAT(peer.take(), HasSubstr("ERROR :Closing Link: 127.0.0.1 (Registration timed out)"));
    EXPECT_TRUE(peer.transport.losing());
    reactor.advance(std::chrono::seconds(6));
    EXPECT_TRUE(peer.transport.aborted());
}

TEST_F(Registration, WhoIsQuietIsAskedAndThenGivenUp) {
    Peer& ann = user("ann");
    reactor.advance(std::chrono::seconds(121));
    EXPECT_EQ(ann.take(), ":srv PING :srv\n");
    ann.send("PONG srv");
    reactor.advance(std::chrono::seconds(110));
    EXPECT_EQ(ann.take(), "");
    reactor.advance(std::chrono::seconds(80));
    EXPECT_THAT(ann.take(), ContainsRegex("ERROR :Closing Link: 127.0.0.1 .Ping timeout: 1[0-9]+ seconds"));
}

class Capabilities : public World {};

TEST_F(Capabilities, AreListedAndSuspendRegistration) {
    Peer& peer = connect();
    peer.send("CAP LS 302", "NICK ann", "USER a 0 * :A");
    const std::string text = peer.take();
    EXPECT_THAT(
        text, ContainsRegex("^:srv CAP \\* LS :account-notify .*message-tags multi-prefix server-time")
    );
    EXPECT_THAT(text, Not(HasSubstr("sasl"))); // there are no accounts
    EXPECT_EQ(
        peer.ask("CAP REQ :multi-prefix  server-time "), ":srv CAP ann ACK :multi-prefix  server-time \n"
    );
    EXPECT_THAT(peer.ask("CAP LIST"), ContainsRegex("CAP ann LIST :cap-notify multi-prefix server-time\n$"));
    EXPECT_THAT(peer.ask("CAP END"), ContainsRegex("^@time=[0-9TZ:.-]+ :srv 001 ann "));
}

TEST_F(Capabilities, AreTakenTogetherOrNotAtAll) {
    Peer& ann = user("ann");
    EXPECT_EQ(ann.ask("CAP REQ :multi-prefix nonsense"), ":srv CAP ann NAK :multi-prefix nonsense\n");
    EXPECT_EQ(ann.ask("CAP LIST"), ":srv CAP ann LIST :\n");
    EXPECT_EQ(ann.ask("CAP REQ :echo-message"), ":srv CAP ann ACK :echo-message\n");
    EXPECT_EQ(ann.ask("CAP REQ -echo-message"), ":srv CAP ann ACK :-echo-message\n");
    EXPECT_EQ(ann.ask("CAP LIST"), ":srv CAP ann LIST :\n");
    EXPECT_EQ(ann.ask("CAP FOO"), ":srv 410 ann FOO :Invalid CAP subcommand\n");
    EXPECT_EQ(ann.ask("CAP END"), "");
}

TEST_F(Capabilities, WhatComesAndGoesAtAReloadIsTold) {
    Peer& fresh = connect();
    fresh.send("CAP LS 302", "NICK ann", "USER a 0 * :A", "CAP END");
    Peer& old = user("bob");
    fresh.take();
    Authenticator accounts(
        reactor, *makeCheckers(reactor, {"memory:ann:pw"}), std::make_shared<LoginThrottle>()
    );
    server->reconfigure(plain(), std::move(accounts));
    EXPECT_EQ(fresh.take(), ":srv CAP ann NEW :sasl=SCRAM-SHA-256,PLAIN\n");
    EXPECT_EQ(fresh.ask("CAP REQ sasl"), ":srv CAP ann ACK :sasl\n");
    server->reconfigure(plain(), std::nullopt);
    EXPECT_EQ(fresh.take(), ":srv CAP ann DEL :sasl\n");
    EXPECT_EQ(fresh.ask("AUTHENTICATE PLAIN"), ":srv 904 ann :SASL authentication failed\n");
    EXPECT_EQ(old.take(), "");
}

TEST_F(Capabilities, AccountsThatGoWhileSomeoneLogsInAreNoAccounts) {
    start(plain(), {"memory:ann:pw"});
    Peer& ann = connect();
    ann.send("CAP REQ sasl", "NICK ann", "USER a 0 * :A", "AUTHENTICATE PLAIN");
    server->reconfigure(plain(), std::nullopt);
    ann.take();
    EXPECT_EQ(
        ann.ask("AUTHENTICATE " + toBase64(std::string("\0ann\0pw", 7))),
        ":srv 904 ann :SASL authentication failed\n"
    );
}

class Login : public World {
protected:
    static std::string plainText(const std::string& name, const std::string& password) {
        return toBase64(std::string("\0", 1) + name + std::string("\0", 1) + password);
    }
    void closed() {
        ServerOptions options = plain();
        options.accountNeeded = true;
        start(options, {"memory:ann:pw:bob:x"});
    }
    void open() { start(plain(), {"memory:ann:pw"}); }
};

TEST_F(Login, PassIsThePasswordOfTheNick) {
    closed();
    Peer& ann = connect();
    ann.send("PASS pw", "NICK ann", "USER a 0 * :A");
    EXPECT_THAT(
        ann.take(),
        StartsWith(":srv 900 ann ann!a@127.0.0.1 ann :You are now logged in as ann\n:srv 001 ann ")
    );
}

TEST_F(Login, AWrongPasswordEndsIt) {
    closed();
    Peer& ann = connect();
    ann.send("PASS no", "NICK ann", "USER a 0 * :A");
    reactor.advance(std::chrono::seconds(1));
    EXPECT_THAT(
        ann.take(), StartsWith(":NickServ!NickServ@services NOTICE ann :Login failed. Goodbye.\nERROR :")
    );
    EXPECT_TRUE(ann.transport.losing());
}

TEST_F(Login, NickServAsksWhoHasGivenNone) {
    closed();
    Peer& ann = connect();
    ann.send("NICK ann", "USER a 0 * :A");
    EXPECT_EQ(ann.take(), ":NickServ!NickServ@services NOTICE ann :Password?\n");
    EXPECT_EQ(ann.ask("PRIVMSG bob :hi"), ":srv 451 ann :You have not registered\n");
    EXPECT_THAT(ann.ask("PRIVMSG NickServ :pw"), HasSubstr(":srv 001 ann "));
}

TEST_F(Login, ALoginThatIsPendingWhenTheClientGoesHarmsNobody) {
    closed();
    Peer& ann = connect();
    ann.send("PASS no", "NICK ann", "USER a 0 * :A");
    ann.transport.lose();
    reactor.advance(std::chrono::seconds(20));
    EXPECT_EQ(server->users().size(), 0U);
}

TEST_F(Login, SaslBeforeRegistration) {
    closed();
    Peer& peer = connect();
    peer.send("CAP LS 302");
    EXPECT_THAT(peer.take(), HasSubstr(" sasl=SCRAM-SHA-256,PLAIN "));
    peer.send("CAP REQ :sasl");
    EXPECT_EQ(
        peer.ask("AUTHENTICATE FOO"), ":srv 908 * SCRAM-SHA-256,PLAIN :are available SASL mechanisms\n:srv "
                                      "904 * :SASL authentication failed\n"
    );
    EXPECT_EQ(peer.ask("AUTHENTICATE PLAIN"), "AUTHENTICATE +\n");
    // A nick and a user do not finish it while the exchange is going on, not even with CAP END.
    EXPECT_EQ(peer.ask("NICK other"), "");
    EXPECT_EQ(peer.ask("USER a 0 * :A"), "");
    EXPECT_EQ(peer.ask("CAP END"), "");
    EXPECT_THAT(
        peer.ask("AUTHENTICATE " + plainText("ann", "pw")),
        StartsWith(":srv 900 other other!a@127.0.0.1 ann :You are now logged in as ann\n"
                   ":srv 903 other :SASL authentication successful\n:srv 001 other ")
    );
    EXPECT_EQ(peer.ask("AUTHENTICATE PLAIN"), ":srv 907 other :You have already authenticated using SASL\n");
}

TEST_F(Login, WhatIsSentWhileAPasswordIsCheckedIsNotLost) {
    closed();
    Peer& peer = connect();
    peer.send(
        "CAP REQ :sasl", "AUTHENTICATE PLAIN", "AUTHENTICATE " + plainText("ann", "no"), "NICK ann",
        "USER a 0 * :A", "CAP END"
    );
    peer.take();
    reactor.advance(std::chrono::seconds(1)); // a no is held back
    EXPECT_EQ(
        peer.take(),
        ":srv 904 ann :SASL authentication failed\n:NickServ!NickServ@services NOTICE ann :Password?\n"
    );
}

TEST_F(Login, SaslAfterRegistrationIsToldToThoseWhoAsked) {
    open();
    Peer& watcher = user("eve", "account-notify");
    watcher.send("JOIN #a");
    Peer& peer = user("al", "sasl");
    peer.send("JOIN #a", "AUTHENTICATE PLAIN");
    watcher.take();
    EXPECT_THAT(peer.ask("AUTHENTICATE " + plainText("ann", "pw")), HasSubstr(" 903 "));
    EXPECT_EQ(watcher.take(), ":al!al@127.0.0.1 ACCOUNT ann\n");
    EXPECT_THAT(peer.ask("PRIVMSG NickServ :LOGOUT"), HasSubstr(" 901 "));
    EXPECT_EQ(watcher.take(), ":al!al@127.0.0.1 ACCOUNT *\n");
}

TEST_F(Login, SaslThatGoesWrong) {
    open();
    Peer& peer = connect();
    EXPECT_EQ(peer.ask("AUTHENTICATE PLAIN"), ":srv 904 * :SASL authentication failed\n"); // not asked for
    peer.send("CAP REQ :sasl");
    EXPECT_EQ(peer.ask("AUTHENTICATE *"), ":srv 906 * :SASL authentication aborted\n");
    peer.send("AUTHENTICATE PLAIN");
    EXPECT_EQ(peer.ask("AUTHENTICATE *"), ":srv 906 * :SASL authentication aborted\n");
    peer.send("AUTHENTICATE PLAIN");
    EXPECT_EQ(peer.ask("AUTHENTICATE " + std::string(401, 'A')), ":srv 905 * :SASL message too long\n");
    for (const std::string& bad :
         {std::string("!!!"), std::string("+"), toBase64("ann"), plainText("", "pw"),
          toBase64(std::string("bob\0ann\0pw", 10))}) {
        peer.send("AUTHENTICATE PLAIN");
        EXPECT_EQ(peer.ask("AUTHENTICATE " + bad), ":srv 904 * :SASL authentication failed\n") << bad;
    }
    peer.send("AUTHENTICATE PLAIN");
    peer.send("AUTHENTICATE " + plainText("ann", "no"));
    reactor.advance(std::chrono::seconds(1));
    EXPECT_THAT(peer.take(), HasSubstr(" 904 "));
}

TEST_F(Login, ALongPasswordComesInChunks) {
    const std::string password(400, 'p');
    start(plain(), {"memory:ann:" + password});
    Peer& peer = connect();
    peer.send("CAP REQ :sasl", "AUTHENTICATE PLAIN");
    const std::string text = plainText("ann", password);
    ASSERT_GT(text.size(), 400U);
    peer.send("AUTHENTICATE " + text.substr(0, 400));
    EXPECT_THAT(peer.ask("AUTHENTICATE " + text.substr(400)), HasSubstr(" 903 "));
}

} // namespace
} // namespace twistdpp::words
