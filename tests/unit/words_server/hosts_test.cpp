#include "support/scratch_folder.h"
#include "unit/words_server/world.h"

#include <fstream>
#include <gmock/gmock.h>
#include <sys/stat.h>

// What others see of where one comes from: cloaks, and gateways that speak for their clients.

namespace twistdpp::words {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

Address at(const char* text) {
    return *Address::parse(text, 4000);
}

Cloak cloak(Bytes key = "0123456789abcdef") {
    return Cloak(Secret(key));
}

std::string behind(const std::string& text, char separator) {
    return text.substr(text.find(separator));
}

TEST(CloakTest, HidesTheAddressAndKeepsNetworksTogether) {
    const std::string one = cloak().of(at("192.0.2.7"));
    EXPECT_THAT(one, testing::MatchesRegex("[a-z2-7]+[.][a-z2-7]+[.][a-z2-7]+[.]ip"));
    EXPECT_EQ(one, cloak().of(at("192.0.2.7")));
    EXPECT_NE(one, cloak("another key of 16").of(at("192.0.2.7")));
    const std::string neighbour = cloak().of(at("192.0.2.8"));
    EXPECT_NE(one, neighbour);
    EXPECT_EQ(behind(one, '.'), behind(neighbour, '.')) << "one /24";
    const std::string near = cloak().of(at("192.0.3.7"));
    EXPECT_NE(behind(one, '.'), behind(near, '.'));
    EXPECT_EQ(behind(behind(one, '.').substr(1), '.'), behind(behind(near, '.').substr(1), '.')) << "one /16";
}

TEST(CloakTest, TakesASubscribersNetworkOfIpv6AsOne) {
    EXPECT_EQ(cloak().of(at("2001:db8::1")), cloak().of(at("2001:db8::ffff")));
    EXPECT_NE(cloak().of(at("2001:db8::1")), cloak().of(at("2001:db8:0:1::1")));
    EXPECT_EQ(cloak().of(Address::unixPath("/run/words")), "localhost");
}

TEST(CloakTest, MakesItsKeyOnceAndForItsUserAlone) {
    const test::ScratchFolder folder;
    const std::string path = folder.path() + "/key";
    auto made = Cloak::fromFile(path);
    ASSERT_TRUE(made.ok()) << made.error().message();
    struct stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    auto again = Cloak::fromFile(path);
    ASSERT_TRUE(again.ok());
    EXPECT_EQ(made->of(at("192.0.2.7")), again->of(at("192.0.2.7")));
    std::ofstream(path) << "short";
    EXPECT_THAT(Cloak::fromFile(path).error().message(), HasSubstr("at least 16 bytes"));
}

class Cloaked : public World {
protected:
    Cloaked() {
        ServerOptions options = plain();
        options.cloak = cloak();
        start(std::move(options));
    }
};

TEST_F(Cloaked, OthersSeeACloakAndOperatorsTheAddress) {
    const std::string shown = cloak().of(at("127.0.0.1"));
    Peer& ann = user("ann");
    Peer& bob = user("bob");
    EXPECT_THAT(bob.ask("WHOIS ann"), HasSubstr(" 311 bob ann ann " + shown + " * "));
    EXPECT_THAT(bob.ask("WHOIS ann"), Not(HasSubstr("127.0.0.1")));
    EXPECT_THAT(ann.ask("WHOIS ann"), HasSubstr(" 338 ann ann ann@127.0.0.1 127.0.0.1 :"));
    bob.send("OPER root secret");
    EXPECT_THAT(bob.ask("WHOIS ann"), HasSubstr(" 338 bob ann ann@127.0.0.1 127.0.0.1 :"));
    bob.send("KLINE ann@127.0.0.1 :x");
    EXPECT_THAT(ann.take(), HasSubstr("(Banned: x)"));
}

class Gateways : public World {
protected:
    Gateways() { start(withGateway()); }
    static ServerOptions withGateway() {
        ServerOptions options = plain();
        options.gateways.emplace_back(*Prefix::parse("127.0.0.0/8"), *PasswordHash::parse("gate"));
        options.arrivals.atOnce = 1;
        return options;
    }
};

TEST_F(Gateways, SayWhereTheirClientsAre) {
    Peer& ann = connect();
    ann.send("WEBIRC gate kiwi host.example 192.0.2.7 :secure", "NICK ann", "USER ann 0 * :A");
    EXPECT_THAT(ann.take(), HasSubstr("IRC network, ann!ann@192.0.2.7\n"));
    Peer& bob = connect();
    bob.send("WEBIRC gate kiwi host.example 0::1 :x", "NICK bob", "USER bob 0 * :B");
    EXPECT_THAT(bob.take(), HasSubstr(", bob!bob@0::1\n"));
}

TEST_F(Gateways, MayNotBeClaimedByOthers) {
    Peer& wrong = connect();
    wrong.send("WEBIRC guess kiwi host.example 192.0.2.7");
    reactor.advance(std::chrono::seconds(1));
    EXPECT_THAT(wrong.take(), HasSubstr("ERROR :Closing Link: 127.0.0.1 (WEBIRC is not for you)"));
    Peer& late = connect();
    late.send("NICK late", "WEBIRC gate kiwi host.example 192.0.2.7");
    EXPECT_THAT(late.take(), HasSubstr("(WEBIRC comes first)"));
    Peer& senseless = connect();
    senseless.send("WEBIRC gate kiwi host.example nowhere");
    EXPECT_THAT(senseless.take(), HasSubstr("(WEBIRC is not for you)"));
    start(plain());
    Peer& none = connect();
    none.send("WEBIRC gate kiwi host.example 192.0.2.7");
    EXPECT_THAT(none.take(), HasSubstr("(WEBIRC is not for you)"));
}

TEST_F(Gateways, DoNotLiftTheLimitsOfTheirClients) {
    Peer& ann = connect();
    ann.send("WEBIRC gate kiwi h 192.0.2.7", "NICK ann", "USER ann 0 * :A");
    EXPECT_THAT(ann.take(), HasSubstr(" 001 ann "));
    Peer& second = connect();
    second.send("WEBIRC gate kiwi h 192.0.2.7", "NICK bob", "USER bob 0 * :A");
    EXPECT_THAT(second.take(), HasSubstr("(Too many connections from your address)"));
    Peer& other = connect();
    other.send("WEBIRC gate kiwi h 192.0.2.8", "NICK bob", "USER bob 0 * :A");
    EXPECT_THAT(other.take(), HasSubstr(" 001 bob "));
}

TEST_F(Gateways, SayWhetherTheirClientsCameEncrypted) {
    ServerOptions options = withGateway();
    options.stsPort = 6697;
    options.stsDuration = std::chrono::hours(1);
    start(std::move(options));
    Peer& plainly = connect();
    plainly.send("WEBIRC gate kiwi h 192.0.2.7", "CAP LS 302");
    EXPECT_THAT(plainly.take(), HasSubstr("sts=port=6697"));
    Peer& securely = connect();
    securely.send("WEBIRC gate kiwi h 192.0.2.8 :secure local-port=443", "CAP LS 302");
    EXPECT_THAT(securely.take(), HasSubstr("sts=duration=3600"));
}

} // namespace
} // namespace twistdpp::words
