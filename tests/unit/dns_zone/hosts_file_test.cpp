#include "read_text.h"
#include "support/scratch_folder.h"

#include "twistdpp/dns_zone/hosts_reader.h"

#include <algorithm>
#include <gmock/gmock.h>

namespace twistdpp::dns::test {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

namespace {

struct ReadHosts {
    Lines records, problems;
};

Lines recordsOf(const Zone& zone) {
    Lines lines;
    zone.forEachSet([&](Bytes owner, const RecordSet& set) {
        for (const Bytes rdata : set)
            lines.push_back(
                nameText(owner) + ' ' + typeText(set.type()) + ' ' + formatRdata(set.type(), rdata)
            );
    });
    return lines;
}

ReadHosts readHosts(Bytes text) {
    ZoneBuilder builder = ZoneBuilder::hosts();
    ProblemList problems;
    HostsReader reader(builder, problems, 300);
    const TextFile file = TextFile::copy(text);
    reader.read(file, "hosts");
    EXPECT_FALSE(problems.anyFatal());
    std::vector<ZoneProblem> findings;
    const auto zone = builder.finish(findings);
    EXPECT_THAT(messages(findings), IsEmpty());
    return {recordsOf(*zone), messages(problems.all())};
}

} // namespace

TEST(HostsFile, EachNameHasTheAddressAndTheAddressItsFirstName) {
    const auto read = readHosts("# comment\n"
                                "\n"
                                "192.0.2.1\tOne.test  uno # and more\n"
                                " 2001:db8::1 one.test\r\n"
                                "192.0.2.2 one.test\r"
                                "192.0.2.1 ein.test");
    EXPECT_THAT(
        read.records,
        UnorderedElementsAre(
            "One.test. A 192.0.2.1", "One.test. A 192.0.2.2", "One.test. AAAA 2001:db8::1",
            "uno. A 192.0.2.1", "ein.test. A 192.0.2.1", "1.2.0.192.in-addr.arpa. PTR One.test.",
            "2.2.0.192.in-addr.arpa. PTR one.test.",
            "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. PTR one.test."
        )
    );
    EXPECT_THAT(read.problems, IsEmpty());
}

TEST(HostsFile, WildcardsAnswerForAddressesButAreNoNamesOfThem) {
    const auto read = readHosts("192.0.2.1 *.dev.test dev.test.\n");
    EXPECT_THAT(
        read.records,
        UnorderedElementsAre(
            "*.dev.test. A 192.0.2.1", "dev.test. A 192.0.2.1", "1.2.0.192.in-addr.arpa. PTR dev.test."
        )
    );
}

TEST(HostsFile, TheSameLineTwiceIsNoNews) {
    const auto read = readHosts("192.0.2.1 a\n192.0.2.1 a A\n");
    EXPECT_THAT(read.records, UnorderedElementsAre("a. A 192.0.2.1", "1.2.0.192.in-addr.arpa. PTR a."));
    EXPECT_THAT(read.problems, IsEmpty());
}

TEST(HostsFile, MistakesAreToldAndLeftOut) {
    const auto read = readHosts("192.0.2 a\n"
                                "fe80::1%lo0 localhost\n"
                                "192.0.2.1\n"
                                "192.0.2.1 b_c -d e.-f g/h \xc3\xa4.test * *. . a..b *.\n"
                                "192.0.2.01 i\n"
                                "192.0.2.2 j\n");
    EXPECT_THAT(
        read.records, UnorderedElementsAre(
                          "b_c. A 192.0.2.1", "1.2.0.192.in-addr.arpa. PTR b_c.", "j. A 192.0.2.2",
                          "2.2.0.192.in-addr.arpa. PTR j."
                      )
    );
    EXPECT_THAT(
        read.problems,
        ElementsAre(
            "hosts:1: the address '192.0.2' is neither IPv4 nor IPv6; the line is left out",
            "hosts:2: the address 'fe80::1%lo0' has a zone id, which has no place in DNS; the line is left "
            "out",
            "hosts:3: the address '192.0.2.1' has no name behind it",
            HasSubstr("hosts:4: the name '-d' is no name of a host: a part begins with a hyphen (RFC 1123"),
            HasSubstr("hosts:4: the name 'e.-f' is no name of a host"),
            HasSubstr("hosts:4: the name 'g/h' is no name"),
            HasSubstr("hosts:4: the name '\\195\\164.test' has other letters than ASCII: write it in the form"
            ),
            HasSubstr("hosts:4: the name '*' is no name of a host"),
            HasSubstr("hosts:4: the name '*.' is no name"), "hosts:4: the name '.' is the root and no host",
            "hosts:4: the name 'a..b' has an empty label (RFC 1035 section 2.3.4)",
            HasSubstr("hosts:4: the name '*.' is no name"), HasSubstr("hosts:5: the address '192.0.2.01'")
        )
    );
}

TEST(HostsFile, ThousandsOfNamesOfOneAddressAreNoTrouble) {
    std::string text;
    for (int i = 0; i < 20'000; ++i)
        text += "0.0.0.0 ads" + std::to_string(i) + ".test\n";
    const auto read = readHosts(text);
    EXPECT_EQ(read.records.size(), 20'001U);
    EXPECT_EQ(
        std::count(read.records.begin(), read.records.end(), "0.0.0.0.in-addr.arpa. PTR ads0.test."), 1
    );
}

TEST(HostsFile, SeveralFilesAreOneTable) {
    const twistdpp::test::ScratchFolder folder;
    const std::string one = folder.write("one", "192.0.2.1 a\n");
    const std::string two = folder.write(
        "two", "\xef\xbb\xbf"
               "192.0.2.1 b\nx\n"
    );
    const LoadedZone loaded = loadHostsFiles({one, two}, 77);
    ASSERT_NE(loaded.zone, nullptr);
    EXPECT_THAT(
        recordsOf(*loaded.zone),
        UnorderedElementsAre("a. A 192.0.2.1", "b. A 192.0.2.1", "1.2.0.192.in-addr.arpa. PTR a.")
    );
    EXPECT_THAT(
        messages(loaded.problems), ElementsAre(
                                       HasSubstr(two + ":1: the file begins with a byte order mark"),
                                       HasSubstr(two + ":2: the address 'x'")
                                   )
    );
    EXPECT_THAT(loaded.files, ElementsAre(one, two));
    loaded.zone->forEachSet([](Bytes, const RecordSet& set) { EXPECT_EQ(set.ttl(), 77U); });
}

TEST(HostsFile, AMissingFileIsFatal) {
    const LoadedZone loaded = loadHostsFiles({"/nowhere/hosts"}, 60);
    EXPECT_EQ(loaded.zone, nullptr);
    EXPECT_THAT(
        messages(loaded.problems),
        ElementsAre("/nowhere/hosts: read /nowhere/hosts: No such file or directory")
    );
    EXPECT_TRUE(loaded.problems.at(0).fatal);
    EXPECT_THAT(loaded.files, ElementsAre("/nowhere/hosts"));
}

} // namespace twistdpp::dns::test
