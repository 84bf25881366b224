#include "twistdpp/dns_transfer/zone_history.h"

#include "support/dns_zone_text.h"
#include "twistdpp/dns_transfer/record_source.h"
#include "twistdpp/dns_wire/rdata.h"

#include <algorithm>
#include <gmock/gmock.h>

namespace twistdpp::dns {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

std::shared_ptr<const Zone> zone(std::uint32_t serial, const std::string& more = "") {
    return zoneFromText(
        "a.test.",
        "$TTL 60\n@ SOA ns h " + std::to_string(serial) + " 1 1 1 1\n@ NS ns\nns A 192.0.2.1\n" + more
    );
}

std::string text(const RecordRef& record) {
    return nameText(record.owner) + " " + std::to_string(record.ttl) + " " + typeText(record.type) + " " +
           (record.type == Type::SOA ? std::to_string(Soa(record.rdata).serial)
                                     : formatRdata(record.type, record.rdata));
}

std::vector<std::string> textsOf(const RecordList& list) {
    std::vector<std::string> made;
    RecordRef record;
    for (RecordList::Cursor cursor(list); cursor.next(record);)
        made.push_back(text(record));
    return made;
}

std::vector<std::string> textsOf(RecordSource& source) {
    std::vector<std::string> made;
    RecordRef record;
    while (source.next(record))
        made.push_back(text(record));
    return made;
}

TEST(ZoneDifference, isWhatGoesAndWhatComes) {
    const auto before = zone(1, "x A 192.0.2.2\nx A 192.0.2.3\nold TXT gone\nt 60 A 192.0.2.9\n");
    const auto now = zone(2, "x A 192.0.2.3\nx A 192.0.2.4\nnew MX 1 ns\nt 90 A 192.0.2.9\n");
    const auto made = differenceOf(*before, *now);
    ASSERT_NE(made, nullptr);
    EXPECT_EQ(made->from, 1U);
    EXPECT_EQ(made->to, 2U);
    EXPECT_EQ(textsOf(made->removed).front(), "a.test. 60 SOA 1");
    EXPECT_EQ(textsOf(made->added).front(), "a.test. 60 SOA 2");
    EXPECT_THAT(
        textsOf(made->removed), UnorderedElementsAre(
                                    "a.test. 60 SOA 1", "x.a.test. 60 A 192.0.2.2",
                                    "old.a.test. 60 TXT \"gone\"", "t.a.test. 60 A 192.0.2.9"
                                )
    );
    EXPECT_THAT(
        textsOf(made->added), UnorderedElementsAre(
                                  "a.test. 60 SOA 2", "x.a.test. 60 A 192.0.2.4",
                                  "new.a.test. 60 MX 1 ns.a.test.", "t.a.test. 90 A 192.0.2.9"
                              )
    );
}

TEST(ZoneDifference, isNoneWithoutALaterSerialOrWhenItIsTooLarge) {
    EXPECT_EQ(differenceOf(*zone(2), *zone(2, "x A 192.0.2.2\n")), nullptr);
    EXPECT_EQ(differenceOf(*zone(2), *zone(1)), nullptr);
    EXPECT_NE(differenceOf(*zone(4'294'967'295), *zone(5)), nullptr) << "serials go round (RFC 1982)";
    EXPECT_EQ(differenceOf(*zone(1), *zone(2, "x TXT \"" + std::string(200, 'x') + "\"\n"), 300), nullptr);
}

void addTo(
    ZoneHistory& history, const std::shared_ptr<const Zone>& before, const std::shared_ptr<const Zone>& now
) {
    history.add(*before, *now, differenceOf(*before, *now));
}

TEST(ZoneHistory, leadsFromEachSerialToTheLast) {
    ZoneHistory history;
    const std::vector versions{zone(1), zone(2, "x A 192.0.2.2\n"), zone(5, "y A 192.0.2.2\n")};
    const Bytes origin = versions[0]->origin();
    addTo(history, versions[0], versions[1]);
    addTo(history, versions[1], versions[2]);
    EXPECT_EQ(history.path(origin, 1, 5)->size(), 2U);
    EXPECT_EQ(history.path(origin, 2, 5)->size(), 1U);
    EXPECT_EQ(history.path(origin, 1, 2)->size(), 1U) << "for a reactor that still serves that version";
    EXPECT_FALSE(history.path(origin, 5, 5));
    EXPECT_FALSE(history.path(origin, 3, 5));
    EXPECT_FALSE(history.path(origin, 2, 1));
    EXPECT_FALSE(history.path(Name::parse("b.test.").value(), 1, 5));
}

TEST(ZoneHistory, forgetsThePastThatLeadsNowhere) {
    ZoneHistory history;
    const auto one = zone(1), two = zone(2, "x A 192.0.2.2\n"), three = zone(3),
               back = zone(1, "z A 192.0.2.2\n");
    const Bytes origin = one->origin();
    addTo(history, one, two);
    addTo(history, two, back); // a serial that goes back
    EXPECT_FALSE(history.path(origin, 1, 2));
    addTo(history, one, three);
    EXPECT_TRUE(history.path(origin, 1, 3));
    history.forgetAllBut(Catalog());
    EXPECT_FALSE(history.path(origin, 1, 3));
    EXPECT_EQ(history.memory(origin), 0U);
}

TEST(ZoneHistory, trustsNoSerialThatTwoVersionsHad) {
    ZoneHistory history;
    const auto one = zone(1), two = zone(2, "x A 192.0.2.2\n"), edited = zone(2, "y A 192.0.2.2\n"),
               three = zone(3, "y A 192.0.2.2\n"), four = zone(4);
    const Bytes origin = one->origin();
    addTo(history, one, two);
    addTo(history, two, edited); // edited without a new serial
    addTo(history, edited, three);
    EXPECT_FALSE(history.path(origin, 2, 3)) << "who has 2 may have either version";
    addTo(history, three, four);
    EXPECT_TRUE(history.path(origin, 3, 4));
}

TEST(ZoneHistory, isBoundedInNumberAndMemory) {
    ZoneHistory::Limits limits;
    limits.differences = 3;
    limits.bytes = 4000;
    ZoneHistory history(limits);
    auto before = zone(0);
    const std::string origin(before->origin());
    for (std::uint32_t serial = 1; serial <= 10; ++serial) {
        const auto now = zone(serial, "x A 192.0.2." + std::to_string(serial) + "\n");
        addTo(history, before, now);
        before = now;
    }
    EXPECT_TRUE(history.path(origin, 7, 10));
    EXPECT_FALSE(history.path(origin, 6, 10));
    for (std::uint32_t serial = 11; serial <= 20; ++serial) {
        std::string large;
        for (int i = 0; i < 12; ++i)
            large +=
                "t TXT \"" + std::string(150, static_cast<char>('a' + i)) + std::to_string(serial) + "\"\n";
        const auto now = zone(serial, large);
        addTo(history, before, now);
        before = now;
        EXPECT_LE(history.memory(origin), 4000U);
    }
    EXPECT_FALSE(history.path(origin, 18, 20));
}

TEST(RecordSource, sendsAZoneBetweenItsSoa) {
    const auto source = wholeZone(zone(7, "deep.down A 192.0.2.2\nx A 192.0.2.3\nx A 192.0.2.4\n"));
    const auto lines = textsOf(*source);
    EXPECT_EQ(lines.front(), "a.test. 60 SOA 7");
    EXPECT_EQ(lines.back(), "a.test. 60 SOA 7");
    EXPECT_THAT(
        std::vector(lines.begin() + 1, lines.end() - 1),
        UnorderedElementsAre(
            "a.test. 60 NS ns.a.test.", "ns.a.test. 60 A 192.0.2.1", "deep.down.a.test. 60 A 192.0.2.2",
            "x.a.test. 60 A 192.0.2.3", "x.a.test. 60 A 192.0.2.4"
        )
    );
}

TEST(RecordSource, sendsDifferencesAsRfc1995HasThem) {
    const auto one = zone(1, "x A 192.0.2.2\n"), two = zone(2), three = zone(3, "y A 192.0.2.2\n");
    DifferenceChain chain{differenceOf(*one, *two), differenceOf(*two, *three)};
    EXPECT_THAT(
        textsOf(*zoneDifferences(three, chain)),
        ElementsAre(
            "a.test. 60 SOA 3", "a.test. 60 SOA 1", "x.a.test. 60 A 192.0.2.2", "a.test. 60 SOA 2",
            "a.test. 60 SOA 2", "a.test. 60 SOA 3", "y.a.test. 60 A 192.0.2.2", "a.test. 60 SOA 3"
        )
    );
    EXPECT_THAT(textsOf(*soaAlone(three)), ElementsAre("a.test. 60 SOA 3"));
}

TEST(RecordList, keepsRecordsOfEachSize) {
    RecordList list;
    const Name owner = Name::parse("a.test.").value();
    std::vector<std::size_t> sizes{0, 1, 65'535, 3, 600, 40'000};
    for (const std::size_t size : sizes)
        list.add({owner, Type::TXT, 7, std::string(size, 'x')});
    EXPECT_EQ(list.count(), sizes.size());
    RecordRef record;
    RecordList::Cursor cursor(list);
    for (const std::size_t size : sizes) {
        ASSERT_TRUE(cursor.next(record));
        EXPECT_EQ(record.rdata.size(), size);
        EXPECT_TRUE(equalNames(record.owner, owner));
    }
    EXPECT_FALSE(cursor.next(record));
}

} // namespace
} // namespace twistdpp::dns
