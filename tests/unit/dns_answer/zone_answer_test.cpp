#include "support/dns_ask.h"
#include "support/dns_zone_text.h"

#include <algorithm>
#include <gmock/gmock.h>

namespace twistdpp::dns {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

const char* const kZone = R"($TTL 300
@           SOA ns1 hostmaster 7 3600 900 604800 60
            NS  ns1
            MX  10 mail
ns1         A   192.0.2.1
mail        A   192.0.2.2
            AAAA 2001:db8::2
www         A   192.0.2.3
            A   192.0.2.4
alias       CNAME www
outside     CNAME www.example.org.
dangling    CNAME nothing
loop1       CNAME loop2
loop2       CNAME loop1
*.wild      TXT "wild"
host.wild   A   192.0.2.5
*.aliases   CNAME www
a.b.ent     A   192.0.2.6
child       NS  ns.child
            NS  ns1
            NS  ns.example.org.
            DS  1 13 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
ns.child    A   192.0.2.7
renamed     DNAME target
x.target    A   192.0.2.8
_sip._udp   SRV 0 0 5060 www
)";

class ZoneAnswer : public testing::Test {
protected:
    std::shared_ptr<const Zone> zone_ = zoneFromText("example.com.", kZone);
    std::vector<std::string> ask(const std::string& name, Type type) { return askZone(*zone_, name, type); }

    const std::string soa_ =
        "authority example.com. 60 SOA ns1.example.com. hostmaster.example.com. 7 3600 900 604800 60";
};

TEST_F(ZoneAnswer, givesTheRecordsOfTheName) {
    EXPECT_THAT(
        ask("www.example.com.", Type::A),
        ElementsAre(
            "NOERROR aa", "answer www.example.com. 300 A 192.0.2.3", "answer www.example.com. 300 A 192.0.2.4"
        )
    );
}

TEST_F(ZoneAnswer, keepsTheCaseOfTheQuestion) {
    EXPECT_THAT(
        ask("NS1.Example.COM.", Type::A), ElementsAre("NOERROR aa", "answer NS1.Example.COM. 300 A 192.0.2.1")
    );
}

TEST_F(ZoneAnswer, saysForHowLongThereIsNothing) {
    EXPECT_THAT(ask("www.example.com.", Type::TXT), ElementsAre("NOERROR aa", soa_));
    EXPECT_THAT(ask("nowhere.example.com.", Type::A), ElementsAre("NXDOMAIN aa", soa_));
    EXPECT_THAT(ask("a.www.example.com.", Type::A), ElementsAre("NXDOMAIN aa", soa_));
}

TEST_F(ZoneAnswer, anEmptyNonTerminalExists) {
    EXPECT_THAT(ask("b.ent.example.com.", Type::A), ElementsAre("NOERROR aa", soa_));
    EXPECT_THAT(ask("ent.example.com.", Type::A), ElementsAre("NOERROR aa", soa_));
}

TEST_F(ZoneAnswer, followsAliasesWithinTheZone) {
    EXPECT_THAT(
        ask("alias.example.com.", Type::A),
        ElementsAre(
            "NOERROR aa", "answer alias.example.com. 300 CNAME www.example.com.",
            "answer www.example.com. 300 A 192.0.2.3", "answer www.example.com. 300 A 192.0.2.4"
        )
    );
    EXPECT_THAT(
        ask("alias.example.com.", Type::CNAME),
        ElementsAre("NOERROR aa", "answer alias.example.com. 300 CNAME www.example.com.")
    );
    EXPECT_THAT(
        ask("outside.example.com.", Type::A),
        ElementsAre("NOERROR aa", "answer outside.example.com. 300 CNAME www.example.org.")
    );
}

TEST_F(ZoneAnswer, theResponseCodeIsThatOfTheLastNameOfAChain) {
    EXPECT_THAT(
        ask("dangling.example.com.", Type::A),
        ElementsAre("NXDOMAIN aa", "answer dangling.example.com. 300 CNAME nothing.example.com.", soa_)
    );
    EXPECT_THAT(
        ask("alias.example.com.", Type::TXT),
        ElementsAre("NOERROR aa", "answer alias.example.com. 300 CNAME www.example.com.", soa_)
    );
}

TEST_F(ZoneAnswer, aCircleOfAliasesEnds) {
    EXPECT_THAT(
        ask("loop1.example.com.", Type::A),
        ElementsAre(
            "NOERROR aa", "answer loop1.example.com. 300 CNAME loop2.example.com.",
            "answer loop2.example.com. 300 CNAME loop1.example.com."
        )
    );
}

TEST_F(ZoneAnswer, aWildcardStandsForNamesThatAreNotThere) {
    EXPECT_THAT(
        ask("a.b.wild.example.com.", Type::TXT),
        ElementsAre("NOERROR aa", "answer a.b.wild.example.com. 300 TXT \"wild\"")
    );
    EXPECT_THAT(ask("a.wild.example.com.", Type::A), ElementsAre("NOERROR aa", soa_));
    EXPECT_THAT(ask("host.wild.example.com.", Type::TXT), ElementsAre("NOERROR aa", soa_));
    // RFC 4592 section 2.2.1: a name below one that exists is not under the wildcard.
    EXPECT_THAT(ask("a.host.wild.example.com.", Type::TXT), ElementsAre("NXDOMAIN aa", soa_));
    EXPECT_THAT(
        ask("x.aliases.example.com.", Type::TXT),
        ElementsAre("NOERROR aa", "answer x.aliases.example.com. 300 CNAME www.example.com.", soa_)
    );
}

TEST_F(ZoneAnswer, refersToADelegationWithItsGlue) {
    const auto referral = ElementsAre(
        "NOERROR", "authority child.example.com. 300 NS ns.child.example.com.",
        "authority child.example.com. 300 NS ns1.example.com.",
        "authority child.example.com. 300 NS ns.example.org.",
        "additional ns.child.example.com. 300 A 192.0.2.7", "additional ns1.example.com. 300 A 192.0.2.1"
    );
    EXPECT_THAT(ask("child.example.com.", Type::A), referral);
    EXPECT_THAT(ask("a.b.child.example.com.", Type::A), referral);
    EXPECT_THAT(ask("ns.child.example.com.", Type::A), referral) << "glue is no authoritative data";
}

TEST_F(ZoneAnswer, theParentAnswersForDs) {
    EXPECT_THAT(
        ask("child.example.com.", Type::DS),
        ElementsAre(
            "NOERROR aa", "answer child.example.com. 300 DS 1 13 2 "
                          "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF"
        )
    );
}

TEST_F(ZoneAnswer, dnameMovesAllThatIsBelow) {
    EXPECT_THAT(
        ask("x.renamed.example.com.", Type::A),
        ElementsAre(
            "NOERROR aa", "answer renamed.example.com. 300 DNAME target.example.com.",
            "answer x.renamed.example.com. 300 CNAME x.target.example.com.",
            "answer x.target.example.com. 300 A 192.0.2.8"
        )
    );
    EXPECT_THAT(ask("renamed.example.com.", Type::A), ElementsAre("NOERROR aa", soa_));
}

TEST_F(ZoneAnswer, theAliasThatDnameMakesIsNotFollowedWhenItIsAskedFor) {
    EXPECT_THAT(
        ask("none.renamed.example.com.", Type::CNAME),
        ElementsAre(
            "NOERROR aa", "answer renamed.example.com. 300 DNAME target.example.com.",
            "answer none.renamed.example.com. 300 CNAME none.target.example.com."
        )
    );
}

TEST_F(ZoneAnswer, addsTheAddressesOfWhatItNames) {
    EXPECT_THAT(
        ask("example.com.", Type::MX), ElementsAre(
                                           "NOERROR aa", "answer example.com. 300 MX 10 mail.example.com.",
                                           "additional mail.example.com. 300 A 192.0.2.2",
                                           "additional mail.example.com. 300 AAAA 2001:db8::2"
                                       )
    );
}

TEST_F(ZoneAnswer, anyGetsOneSet) {
    EXPECT_EQ(ask("example.com.", Type::ANY).size(), 2U);
}

TEST_F(ZoneAnswer, whatIsNeededAndDoesNotFitIsTruncated) {
    // Room for the question, and for one of the two records: a set goes whole or not at all.
    EXPECT_THAT(
        askZone(*zone_, "www.example.com.", Type::A, false, 12 + 21 + 20), ElementsAre("NOERROR aa tc")
    );
    // Without room for the addresses of a mail exchanger the answer is whole all the same.
    EXPECT_THAT(
        askZone(*zone_, "example.com.", Type::MX, false, 12 + 17 + 30),
        ElementsAre("NOERROR aa", "answer example.com. 300 MX 10 mail.example.com.")
    );
}

TEST(ZoneAnswerOfTwoZones, aProofStandsOnceAlsoWhenAChainComesBack) {
    const auto a = zoneFromText("a.test.", R"($TTL 60
@   SOA ns root 1 2 3 4 5
@   NS ns
@   NSEC ns SOA NS NSEC
ns  A 192.0.2.1
ns  NSEC *.w A NSEC
*.w CNAME x.w.b.test.
*.w NSEC @ CNAME NSEC
)");
    const auto b = zoneFromText("b.test.", R"($TTL 60
@   SOA ns root 1 2 3 4 5
@   NS ns
@   NSEC ns SOA NS NSEC
ns  A 192.0.2.1
ns  NSEC *.w A NSEC
*.w CNAME zz.a.test.
*.w NSEC @ CNAME NSEC
)");
    std::vector<ServedZone> zones;
    for (const auto& zone : {a, b})
        zones.push_back({std::string(zone->origin()), zone});
    const Catalog catalog(std::move(zones), nullptr);
    const std::string request = makeQuery("q.w.a.test.", Type::A, true);
    Query query;
    ASSERT_EQ(query.parse(request), Query::Form::good);
    std::vector<char> memory(4096);
    MessageWriter out(memory);
    out.question(query.name, query.type, query.klass);
    answerFromZone(*a, query, out, &catalog);
    const auto lines = linesOf(out.bytes());
    EXPECT_EQ(lines.front(), "NXDOMAIN aa");
    const auto proofs = [&lines](const std::string& owner) {
        return std::count_if(lines.begin(), lines.end(), [&](const std::string& line) {
            return line.starts_with("authority " + owner + " 60 NSEC ");
        });
    };
    EXPECT_EQ(proofs("*.w.a.test."), 1) << "of the wildcard, and of the name at the end";
    EXPECT_EQ(proofs("*.w.b.test."), 1);
}

} // namespace
} // namespace twistdpp::dns
