#include "support/dns_zone_text.h"

#include "twistdpp/dns_wire/octets.h"
#include "twistdpp/dns_zone/zone_builder.h"

#include <gmock/gmock.h>
#include <map>

namespace twistdpp::dns {
namespace {

using Added = ZoneBuilder::Added;
using testing::ElementsAre;
using testing::HasSubstr;

Name name(const std::string& text) {
    return Name::parse(text).value();
}

std::string address(unsigned number) {
    std::string rdata;
    append32(rdata, number);
    return rdata;
}

class Builder : public testing::Test {
protected:
    Added add(const std::string& owner, Type type, const std::string& rdata, std::uint32_t ttl = 300) {
        return builder_.add(name(owner), type, ttl, rdata);
    }
    void addApex() {
        std::string soa(name("ns.example.com.").wire());
        soa += name("root.example.com.").wire();
        for (const std::uint32_t each : {7U, 3600U, 900U, 604800U, 60U})
            append32(soa, each);
        add("example.com.", Type::SOA, soa);
        add("example.com.", Type::NS, std::string(name("ns.example.com.").wire()));
        add("ns.example.com.", Type::A, address(1));
    }
    std::shared_ptr<const Zone> finish() { return builder_.finish(problems_); }

    ZoneBuilder builder_{name("example.com.")};
    std::vector<ZoneProblem> problems_;
};

TEST_F(Builder, findsNamesInAnyCase) {
    addApex();
    add("WWW.Example.com.", Type::A, address(5));
    const auto zone = finish();
    ASSERT_TRUE(zone);
    EXPECT_TRUE(zone->find(NameKey(name("www.example.COM."))));
    EXPECT_EQ(nameText(zone->name(zone->find(NameKey(name("www.example.com."))))), "WWW.Example.com.")
        << "as it was written";
    EXPECT_FALSE(zone->find(NameKey(name("ww.example.com."))));
    EXPECT_EQ(zone->serial(), 7U);
    EXPECT_EQ(zone->records(), 4U);
}

TEST_F(Builder, aSetStaysOnePieceInWhateverOrderItsRecordsCome) {
    addApex();
    for (unsigned i = 0; i < 300; ++i) {
        add("a.example.com.", Type::A, address(i));
        add("b.example.com.", Type::A, address(i + 1000));
        add("a.example.com.", Type::TXT, std::string(1, '\2') + "xy");
    }
    const auto zone = finish();
    const RecordSet* set = zone->set(zone->find(NameKey(name("a.example.com."))), Type::A);
    ASSERT_TRUE(set);
    EXPECT_EQ(set->count(), 300U);
    unsigned expected = 0;
    for (const Bytes rdata : *set)
        EXPECT_EQ(rdata, address(expected++));
    EXPECT_EQ(expected, 300U);
}

TEST_F(Builder, manyNamesAreAllFoundAgain) {
    addApex();
    for (unsigned i = 0; i < 20'000; ++i)
        add("host" + std::to_string(i) + ".example.com.", Type::A, address(i));
    const auto zone = finish();
    for (unsigned i = 0; i < 20'000; ++i) {
        const auto at = zone->find(NameKey(name("host" + std::to_string(i) + ".example.com.")));
        ASSERT_TRUE(at) << i;
        ASSERT_EQ(zone->set(at, Type::A)->first(), address(i));
    }
    EXPECT_LT(zone->memory(), 20'000U * 110) << "bytes a name";
}

TEST_F(Builder, whatStandsBetweenANameAndTheApexExistsToo) {
    addApex();
    add("a.b.c.example.com.", Type::A, address(1));
    const auto zone = finish();
    const auto between = zone->find(NameKey(name("c.example.com.")));
    ASSERT_TRUE(between);
    EXPECT_FALSE(zone->sets(between));
    EXPECT_EQ(zone->parent(between), zone->apex());
}

TEST_F(Builder, saysWhatBecameOfARecord) {
    addApex();
    EXPECT_EQ(add("www.example.com.", Type::A, address(1)), Added::added);
    EXPECT_EQ(add("www.example.com.", Type::A, address(1)), Added::duplicate);
    EXPECT_EQ(add("www.example.com.", Type::A, address(2), 60), Added::otherTtl);
    EXPECT_EQ(add("www.example.org.", Type::A, address(1)), Added::outOfZone);
    EXPECT_EQ(add("com.", Type::A, address(1)), Added::outOfZone);
    EXPECT_EQ(add("www.example.com.", Type::CNAME, std::string(name("x.").wire())), Added::cnameConflict);
    EXPECT_EQ(add("alias.example.com.", Type::CNAME, std::string(name("x.").wire())), Added::added);
    EXPECT_EQ(add("alias.example.com.", Type::CNAME, std::string(name("y.").wire())), Added::cnameConflict);
    EXPECT_EQ(add("alias.example.com.", Type::A, address(1)), Added::cnameConflict);
    EXPECT_EQ(
        add("alias.example.com.", Type::NSEC, std::string(name("z.").wire()) + std::string("\0\1\x40", 3)),
        Added::added
    );
    std::string soa(name("ns.").wire());
    soa += name("root.").wire();
    soa += std::string(20, '\0');
    EXPECT_EQ(add("example.com.", Type::SOA, soa), Added::secondSoa);
    const auto zone = finish();
    EXPECT_EQ(zone->set(zone->find(NameKey(name("www.example.com."))), Type::A)->ttl(), 60U)
        << "the smaller one for all";
}

TEST_F(Builder, aSetThatFitsNoMessageIsNotTaken) {
    addApex();
    const std::string text(255, 'x');
    Added last = Added::added;
    unsigned count = 0;
    for (; count < 1000 && last == Added::added; ++count) {
        std::string rdata = static_cast<char>(255) + text;
        rdata.replace(1, 4, address(count));
        last = add("big.example.com.", Type::TXT, rdata);
    }
    EXPECT_EQ(last, Added::setTooLarge);
    EXPECT_GT(count, 200U);
}

TEST_F(Builder, aZoneNeedsSoaAndNs) {
    add("www.example.com.", Type::A, address(1));
    EXPECT_FALSE(finish());
    ASSERT_EQ(problems_.size(), 2U);
    EXPECT_THAT(problems_[0].message(), HasSubstr("zone example.com. has no SOA"));
    EXPECT_THAT(problems_[1].message(), HasSubstr("has no NS"));
    EXPECT_TRUE(problems_[0].fatal);
}

TEST_F(Builder, tellsOfNamesThatLeadNowhere) {
    addApex();
    const std::string preference("\0\12", 2);
    add("example.com.", Type::MX, preference + std::string(name("missing.example.com.").wire()));
    add("alias.example.com.", Type::CNAME, std::string(name("ns.example.com.").wire()));
    add("sub.example.com.", Type::MX, preference + std::string(name("alias.example.com.").wire()));
    add("child.example.com.", Type::NS, std::string(name("ns.child.example.com.").wire()));
    ASSERT_TRUE(finish());
    std::vector<std::string> texts;
    for (const ZoneProblem& each : problems_) {
        EXPECT_FALSE(each.fatal);
        texts.push_back(each.message());
    }
    EXPECT_THAT(
        texts, ElementsAre(
                   HasSubstr("example.com. MX missing.example.com. points to a name that is not there"),
                   HasSubstr("sub.example.com. MX alias.example.com. points to an alias"),
                   HasSubstr("child.example.com. NS ns.child.example.com. has no glue")
               )
    );
}

TEST_F(Builder, marksWhatIsBelowADelegationWhereverItCame) {
    addApex();
    add("ns.child.example.com.", Type::A, address(9));
    add("child.example.com.", Type::NS, std::string(name("ns.child.example.com.").wire()));
    const auto zone = finish();
    const auto cut = zone->find(NameKey(name("child.example.com."))),
               glue = zone->find(NameKey(name("ns.child.example.com.")));
    EXPECT_EQ(zone->flags(cut), Zone::NameFlag::cut);
    EXPECT_EQ(zone->flags(glue), Zone::NameFlag::occluded);
}

TEST_F(Builder, allSetsCanBeGoneOver) {
    addApex();
    std::map<std::string, unsigned> seen;
    finish()->forEachSet([&](Bytes owner, const RecordSet& set) {
        ++seen[nameText(owner) + typeText(set.type())];
    });
    EXPECT_EQ(seen.size(), 3U);
    EXPECT_EQ(seen["example.com.SOA"], 1U);
}

TEST(NsecOrder, theLastNameBeforeIsFound) { // RFC 4034 section 6.1's example
    const auto zone = zoneFromText("example.", R"($TTL 60
@ SOA ns root 1 2 3 4 5
@ NS ns
@ NSEC a SOA NS NSEC
ns A 192.0.2.1
a NSEC yljkjljk.a NSEC
yljkjljk.a NSEC Z.a NSEC
Z.a NSEC zABC.a NSEC
zABC.a NSEC z NSEC
z NSEC @ NSEC
)");
    ASSERT_TRUE(zone);
    auto before = [&](const std::string& text) {
        return nameText(zone->name(zone->nsecAtOrBefore(name(text))));
    };
    EXPECT_EQ(before("example."), "example.");
    EXPECT_EQ(before("Zb.a.example."), "zABC.a.example.");
    EXPECT_EQ(before("b.example."), "zABC.a.example.");
    EXPECT_EQ(before("zz.example."), "z.example.");
}

} // namespace
} // namespace twistdpp::dns
