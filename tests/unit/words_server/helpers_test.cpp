#include "unit/words_server/world.h"

#include "twistdpp/base/base64.h"
#include "twistdpp/base/hex.h"
#include "twistdpp/cred/password_digest.h"

#include <filesystem>
#include <gmock/gmock.h>

// NickServ, ChanServ, HistServ; who is always on; what comes back after a restart.

namespace twistdpp::words {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

class Helpers : public World {
protected:
    Helpers() {
        std::string name = testing::TempDir() + "wordsXXXXXX";
        folder = ::mkdtemp(name.data());
        restart();
    }
    ~Helpers() override {
        peers.clear();
        server.reset();
        std::filesystem::remove_all(folder);
    }
    /// The server anew, over the same database.
    void restart() {
        if (server)
            server->finish().detach();
        peers.clear();
        server.reset();
        ServerOptions options = plain();
        options.registration = true;
        auto store = Store::open(reactor, folder + "/db", options.history, [](Bytes trouble) {
            ADD_FAILURE() << trouble;
        });
        server = std::make_unique<Server>(
            reactor, std::move(options), std::nullopt, Logger("words"), *std::move(store)
        );
    }
    static std::string said(const std::string& by, const std::string& to, const std::string& text) {
        return ":" + by + "!" + by + "@services NOTICE " + to + " :" + text + "\n";
    }
    Peer& registered(const std::string& nick, const std::string& caps = {}) {
        Peer& peer = user(nick, caps);
        EXPECT_THAT(
            peer.ask("NICKSERV REGISTER password-" + nick), HasSubstr("The account " + nick + " is yours.")
        );
        return peer;
    }
    Peer& login(const std::string& nick, const std::string& caps = {}) {
        Peer& peer = connect();
        if (!caps.empty())
            peer.send("CAP REQ :" + caps);
        peer.send("PASS password-" + nick, "NICK " + nick, "USER " + nick + " 0 * :Real " + nick);
        if (!caps.empty())
            peer.send("CAP END");
        return peer;
    }
    std::string folder;
};

TEST_F(Helpers, MakeAccountsThatOutliveARestart) {
    Peer& ann = user("ann");
    EXPECT_EQ(
        ann.ask("PRIVMSG NickServ :REGISTER short"),
        said("NickServ", "ann", "The password has to have 6 to 300 bytes.")
    );
    EXPECT_EQ(
        ann.ask("NS REGISTER longenough"),
        ":srv 900 ann ann!ann@127.0.0.1 ann :You are now logged in as ann\n" +
            said("NickServ", "ann", "The account ann is yours.")
    );
    EXPECT_EQ(ann.ask("NS REGISTER longenough"), said("NickServ", "ann", "You are logged in already."));
    const Account* kept = server->store().accounts().find("ann");
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->password.find("longenough"), std::string::npos);
    EXPECT_EQ(kept->password.rfind("{SCRAM-SHA-256}", 0), 0U);

    restart();
    Peer& thief = connect();
    EXPECT_EQ(thief.ask("NICK Ann"), ":srv 433 * Ann :Nickname is already in use\n")
        << "the nick is the account's";
    Peer& bob = user("bob");
    bob.send("NS IDENTIFY ann wrong-one");
    reactor.advance(std::chrono::seconds(2));
    EXPECT_THAT(bob.take(), HasSubstr("Login failed."));
    EXPECT_THAT(bob.ask("NS IDENTIFY ann longenough"), HasSubstr(" 900 bob "));
    EXPECT_EQ(bob.ask("NICK ann"), from("bob") + "NICK :ann\n") << "now it is its own";
    EXPECT_EQ(bob.ask("NS PASSWD another-one"), said("NickServ", "ann", "The password is changed."));
    EXPECT_THAT(bob.ask("NS DROP bob"), HasSubstr("Say its name, ann"));
    EXPECT_THAT(bob.ask("NS DROP ann"), HasSubstr("The account is gone."));
    EXPECT_FALSE(server->store().accounts().find("ann"));
}

/// What a client of SCRAM-SHA-256 sends at last, for `challenge` (RFC 5802 section 3).
std::string scramFinal(const std::string& firstBare, const std::string& challenge, Bytes password) {
    const auto part = [&](const std::string& key) {
        const auto at = challenge.find(key) + key.size();
        return challenge.substr(at, challenge.find(',', at) - at);
    };
    const std::string salted =
        pbkdf2Sha256(password, *fromBase64(part(",s=")), static_cast<unsigned>(std::stoul(part(",i="))));
    const std::string key = hmacSha256(salted, "Client Key");
    const std::string unproved = "c=biws," + challenge.substr(0, challenge.find(','));
    std::string proof = hmacSha256(sha256(key), firstBare + "," + challenge + "," + unproved);
    for (std::size_t i = 0; i < proof.size(); ++i)
        proof[i] = static_cast<char>(proof[i] ^ key[i]);
    return unproved + ",p=" + toBase64(proof);
}

TEST_F(Helpers, AccountsLogInByScram) {
    registered("ann").send("QUIT");
    const auto exchange = [&](Peer& peer, const std::string& name, Bytes password) {
        EXPECT_EQ(peer.ask("AUTHENTICATE SCRAM-SHA-256"), "AUTHENTICATE +\n");
        const std::string first = "n=" + name + ",r=abcdef";
        const std::string answer = peer.ask("AUTHENTICATE " + toBase64("n,," + first));
        const auto challenge = fromBase64(Bytes(answer).substr(13, answer.size() - 14));
        EXPECT_TRUE(challenge) << answer;
        peer.send("AUTHENTICATE " + toBase64(scramFinal(first, challenge.value_or(""), password)));
        reactor.advance(std::chrono::seconds(1));
        return peer.take();
    };
    Peer& ann = connect();
    EXPECT_THAT(ann.ask("CAP LS 302"), HasSubstr(" sasl=SCRAM-SHA-256,PLAIN"));
    ann.send("CAP REQ sasl", "NICK ann", "USER a 0 * :A");
    ann.take();
    EXPECT_EQ(exchange(ann, "ann", "wrong password"), ":srv 904 ann :SASL authentication failed\n");
    EXPECT_EQ(exchange(ann, "NoBody", "password-ann"), ":srv 904 ann :SASL authentication failed\n");
    const std::string proof = exchange(ann, "ann", "password-ann");
    EXPECT_EQ(fromBase64(Bytes(proof).substr(13, proof.size() - 14)).value_or("").substr(0, 2), "v=")
        << proof;
    EXPECT_EQ(
        ann.ask("AUTHENTICATE +"), ":srv 900 ann ann!a@127.0.0.1 ann :You are now logged in as ann\n"
                                   ":srv 903 ann :SASL authentication successful\n"
    );
    EXPECT_THAT(ann.ask("CAP END"), HasSubstr(" 001 ann "));
    Peer& bob = user("bob", "sasl");
    EXPECT_EQ(
        bob.ask("AUTHENTICATE EXTERNAL"), ":srv 908 bob SCRAM-SHA-256,PLAIN :are available SASL "
                                          "mechanisms\n:srv 904 bob :SASL authentication failed\n"
    );
    bob.send("AUTHENTICATE SCRAM-SHA-256");
    bob.take();
    EXPECT_EQ(
        bob.ask("AUTHENTICATE " + toBase64("p=tls-unique,,n=ann,r=x")),
        ":srv 904 bob :SASL authentication failed\n"
    );
}

TEST_F(Helpers, ACertificateLogsIn) {
    TlsInfo tls;
    tls.peerCertificate = "a certificate";
    Peer& ann = registered("ann");
    EXPECT_THAT(ann.ask("NS CERT ADD"), HasSubstr("Connect with a certificate"));
    ann.transport.setTls(tls);
    EXPECT_THAT(ann.ask("NS CERT ADD"), HasSubstr("That certificate logs you in from now on."));
    EXPECT_THAT(ann.ask("NS CERT LIST"), HasSubstr(toHex(sha256("a certificate"))));
    ann.send("QUIT");

    Peer& again = connect();
    again.transport.setTls(tls);
    EXPECT_THAT(again.ask("CAP LS 302"), HasSubstr(" sasl=EXTERNAL,SCRAM-SHA-256,PLAIN"));
    again.send("CAP REQ sasl", "NICK ann", "USER a 0 * :A");
    again.take();
    EXPECT_EQ(again.ask("AUTHENTICATE EXTERNAL"), "AUTHENTICATE +\n");
    EXPECT_THAT(again.ask("AUTHENTICATE " + toBase64("bob")), HasSubstr(" 904 ")) << "not for someone else";
    again.send("AUTHENTICATE EXTERNAL");
    EXPECT_THAT(again.ask("AUTHENTICATE +"), ContainsRegex(" 900 ann .*\n:srv 903 ann "));
    EXPECT_THAT(again.ask("CAP END"), HasSubstr(" 001 ann "));
    EXPECT_THAT(again.ask("NS CERT DEL"), HasSubstr("is taken away"));

    Peer& other = connect();
    tls.peerCertificate = "another one";
    other.transport.setTls(tls);
    other.send("CAP REQ sasl", "AUTHENTICATE EXTERNAL");
    other.take();
    EXPECT_THAT(other.ask("AUTHENTICATE +"), HasSubstr(" 904 "));
}

TEST_F(Helpers, ExplainThemselves) {
    Peer& ann = user("ann");
    EXPECT_THAT(
        ann.ask("PRIVMSG NickServ :help"), HasSubstr("REGISTER PASSWORD - makes an account of your nick")
    );
    EXPECT_THAT(ann.ask("CS HELP"), HasSubstr("TRANSFER #CHANNEL ACCOUNT - gives it to someone else"));
    EXPECT_THAT(ann.ask("CS ACCESS #a"), HasSubstr("Say: ACCESS #CHANNEL LIST"));
    EXPECT_THAT(ann.ask("HS what"), HasSubstr("I do not know that; say HELP."));
    EXPECT_EQ(ann.ask("NOTICE ChanServ :help"), "") << "two programs would talk for ever";
    EXPECT_THAT(ann.ask("NICK chanserv"), HasSubstr(" 433 "));
    EXPECT_THAT(connect().ask("PRIVMSG ChanServ :help"), HasSubstr(" 451 "));
}

TEST_F(Helpers, AccountsByTheCommandOfIrcv3) {
    Peer& ann = connect();
    ann.send(
        "CAP REQ :standard-replies labeled-response draft/account-registration", "NICK ann", "USER a 0 * :A"
    );
    EXPECT_THAT(ann.ask("REGISTER ann * x"), HasSubstr(":srv FAIL REGISTER WEAK_PASSWORD ann :"));
    EXPECT_THAT(ann.ask("REGISTER"), HasSubstr("FAIL REGISTER NEED_MORE_PARAMS"));
    EXPECT_THAT(ann.ask("REGISTER a!b * longenough"), HasSubstr("FAIL REGISTER BAD_ACCOUNT_NAME"));
    const std::string answer = ann.ask("@label=1 REGISTER * * longenough");
    EXPECT_THAT(
        answer,
        testing::MatchesRegex("@label=1 :srv BATCH .1 labeled-response\n@batch=1 :srv 900 ann [^\n]*\n"
                              "@batch=1 :srv REGISTER SUCCESS ann :The account is made\n:srv BATCH -1\n")
    );
    EXPECT_THAT(answer, HasSubstr(" 900 ann "));
    EXPECT_THAT(ann.ask("CAP END"), HasSubstr(" 001 ann "));
    EXPECT_THAT(ann.ask("REGISTER x * longenough"), HasSubstr("FAIL REGISTER ALREADY_AUTHENTICATED x"));
    EXPECT_THAT(ann.ask("VERIFY ann 1"), HasSubstr("FAIL VERIFY INVALID_CODE ann"));
    Peer& bob = user("bob", "standard-replies");
    EXPECT_THAT(bob.ask("REGISTER ann * longenough"), HasSubstr("FAIL REGISTER ACCOUNT_EXISTS ann"));
}

TEST_F(Helpers, ChannelsComeBackAsTheyWere) {
    Peer& ann = registered("ann");
    EXPECT_THAT(ann.ask("CS REGISTER #room"), HasSubstr("Be an operator of that channel first."));
    ann.send("JOIN #room", "TOPIC #room :tea", "MODE #room +ib *!*@evil");
    EXPECT_THAT(ann.ask("CS REGISTER #room"), HasSubstr(":srv MODE #room +q ann\n"));
    EXPECT_THAT(ann.ask("CS ACCESS #room ADD bob o"), HasSubstr("bob gets +o on joining."));
    registered("bob");
    reactor.advance(std::chrono::seconds(2));

    restart();
    Peer& cat = user("cat");
    EXPECT_EQ(cat.ask("JOIN #room"), ":srv 473 cat #room :Cannot join channel (+i)\n");
    EXPECT_TRUE(server->channels().empty()) << "who may not come in leaves nothing behind";
    Peer& bob = login("bob");
    const std::string joined = bob.ask("JOIN #room");
    EXPECT_THAT(joined, HasSubstr(" 332 bob #room :tea\n"));
    EXPECT_THAT(joined, HasSubstr(" 353 bob = #room :@bob\n"));
    EXPECT_THAT(bob.ask("MODE #room b"), HasSubstr(" 367 bob #room *!*@evil "));
    Peer& ann2 = login("ann");
    ann2.send("JOIN #room");
    EXPECT_THAT(bob.take(), HasSubstr(":srv MODE #room +qo ann ann\n"));
    EXPECT_THAT(bob.ask("CS DROP #room"), HasSubstr("Only its founder may do that."));
    EXPECT_THAT(ann2.ask("NS DROP ann"), HasSubstr("Give up #room first"));
    EXPECT_THAT(ann2.ask("CS TRANSFER #room bob"), HasSubstr("#room belongs to bob now."));
    EXPECT_THAT(bob.ask("CS INFO #room"), HasSubstr("#room belongs to bob"));
    EXPECT_THAT(bob.ask("CS DROP #room"), HasSubstr("#room is registered no more."));
}

TEST_F(Helpers, WhoIsAlwaysOnMissesNothing) {
    Peer& ann = registered("ann");
    Peer& bob = registered("bob", "away-notify");
    ann.send("JOIN #room", "NS SET ALWAYSON ON");
    bob.send("JOIN #room");
    bob.take();
    ann.send("QUIT :bye");
    EXPECT_EQ(bob.take(), from("ann") + "AWAY :Not connected\n");
    EXPECT_THAT(bob.ask("NAMES #room"), HasSubstr("@ann"));
    EXPECT_THAT(bob.ask("PRIVMSG ann :psst"), HasSubstr(" 301 bob ann :Not connected\n"));
    bob.send("PRIVMSG #room :to all");

    Peer& back = login("ann");
    const std::string text = back.take();
    EXPECT_THAT(text, HasSubstr(" 001 ann "));
    EXPECT_THAT(text, HasSubstr(from("ann") + "JOIN #room\n"));
    EXPECT_THAT(text, HasSubstr(from("bob") + "PRIVMSG #room :to all\n"));
    EXPECT_THAT(text, HasSubstr(from("bob") + "PRIVMSG ann :psst\n"));
    EXPECT_EQ(bob.take(), from("ann") + "AWAY\n");

    // And after a restart.
    back.send("JOIN #other");
    restart();
    EXPECT_TRUE(server->findUser("ann"));
    ASSERT_TRUE(server->findChannel("#other"));
    EXPECT_TRUE(server->findChannel("#other")->hasRank(*server->findUser("ann"), Rank::op));
    Peer& again = login("ann");
    EXPECT_THAT(again.take(), HasSubstr("JOIN #other\n"));
    EXPECT_THAT(again.ask("NS SET ALWAYSON OFF"), HasSubstr("You leave when you disconnect."));
    again.send("QUIT");
    EXPECT_FALSE(server->findUser("ann"));
}

TEST_F(Helpers, AnOperatorEndsAlsoWhoIsAlwaysOn) {
    Peer& ann = registered("ann");
    ann.send("NS SET ALWAYSON ON", "QUIT");
    Peer& root = user("root");
    root.send("OPER root secret");
    ASSERT_TRUE(server->findUser("ann"));
    root.send("KILL ann :enough");
    EXPECT_FALSE(server->findUser("ann"));
}

TEST_F(Helpers, AGhostIsEndedByWhoOwnsTheNick) {
    registered("ann").send("QUIT");
    Peer& thief = connect();
    thief.send("PASS password-ann", "NICK ann", "USER a 0 * :A"); // its own
    Peer& own = user("ann_");
    EXPECT_THAT(own.ask("NS GHOST ann"), HasSubstr("There is nobody to be ended."));
    own.send("NS IDENTIFY ann password-ann");
    EXPECT_THAT(own.ask("NS GHOST ann"), HasSubstr("It is gone."));
    EXPECT_FALSE(server->findUser("ann"));
    EXPECT_TRUE(own.ask("NICK ann").find("NICK :ann") != std::string::npos);
}

TEST_F(Helpers, FindAndForgetWhatWasSaid) {
    Peer& ann = user("ann", "batch");
    ann.send("JOIN #room", "PRIVMSG #room :the red fox", "PRIVMSG #room :the blue sea");
    const std::string found = ann.ask("HS SEARCH #room RED fox");
    EXPECT_THAT(
        found,
        HasSubstr("BATCH +1 chathistory #room\n@batch=1 " + from("ann") + "PRIVMSG #room :the red fox\n")
    );
    EXPECT_THAT(found, HasSubstr("1 found."));
    EXPECT_THAT(user("bob").ask("HS SEARCH #room red"), HasSubstr("You may not read that."));
    EXPECT_THAT(ann.ask("HS FORGET #room"), HasSubstr("You may not do that."))
        << "an operator, not a founder";
    ann.send("NS REGISTER longenough", "CS REGISTER #room");
    EXPECT_THAT(ann.ask("HS FORGET #room"), HasSubstr("is forgotten."));
    EXPECT_THAT(ann.ask("HS SEARCH #room red"), HasSubstr("0 found."));
}

} // namespace
} // namespace twistdpp::words
