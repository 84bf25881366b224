// $ORIGIN, $TTL, $INCLUDE, $GENERATE, and the TTL of records that state none.

#include "read_text.h"
#include "support/scratch_folder.h"

#include <gmock/gmock.h>

namespace twistdpp::dns::test {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(MasterFileDirective, OriginMovesRelativeNames) {
    const auto read = readText("a 60 A 192.0.2.1\n"
                               "$ORIGIN sub ; relative to the one before\n"
                               " MX 0 a\n"
                               "a MX 0 @\n"
                               "$origin org.\n"
                               "a A 192.0.2.2\n");
    EXPECT_THAT(
        read.records, ElementsAre(
                          "a.example. 60 IN A 192.0.2.1", "a.example. 60 IN MX 0 a.sub.example.",
                          "a.sub.example. 60 IN MX 0 sub.example.", "a.org. 60 IN A 192.0.2.2"
                      )
    );
    EXPECT_THAT(
        readText("$ORIGIN\n$ORIGIN a b\n$ORIGIN a..b\n").problems,
        ElementsAre(
            "x.zone:1: $ORIGIN takes one name (RFC 1035 section 5.1)",
            "x.zone:2: $ORIGIN takes one name (RFC 1035 section 5.1)",
            "x.zone:3: $ORIGIN: the name 'a..b' has an empty label"
        )
    );
}

TEST(MasterFileDirective, TtlHoldsForAllThatStateNone) {
    const auto read =
        readText("$TTL 1w2d3h4m5s\na A 192.0.2.1\na 60 A 192.0.2.2\na A 192.0.2.3\n$TTL 0\na A 192.0.2.4\n");
    EXPECT_THAT(
        read.records, ElementsAre(
                          "a.example. 788645 IN A 192.0.2.1", "a.example. 60 IN A 192.0.2.2",
                          "a.example. 788645 IN A 192.0.2.3", "a.example. 0 IN A 192.0.2.4"
                      )
    );
    EXPECT_THAT(
        readText("$TTL\n$TTL 1 2\n$TTL x\n").problems,
        ElementsAre(
            "x.zone:1: $TTL takes one time (RFC 2308 section 4)",
            "x.zone:2: $TTL takes one time (RFC 2308 section 4)", HasSubstr("x.zone:3: $TTL: 'x' is no time")
        )
    );
}

TEST(MasterFileDirective, WithoutTtlTheLastOneHoldsOrTheSoasMinimum) {
    EXPECT_THAT(
        readText("@ SOA a b 1 2 3 4 300\na A 192.0.2.1\na 60 A 192.0.2.2\na A 192.0.2.3\n").records,
        ElementsAre(
            "example. 300 IN SOA a.example. b.example. 1 2 3 4 300", "a.example. 300 IN A 192.0.2.1",
            "a.example. 60 IN A 192.0.2.2", "a.example. 300 IN A 192.0.2.3"
        )
    );
    EXPECT_THAT(
        readText("@ 50 SOA a b 1 2 3 4 300\na A 192.0.2.1\na 60 A 192.0.2.2\na A 192.0.2.3\n").records,
        ElementsAre(
            "example. 50 IN SOA a.example. b.example. 1 2 3 4 300", "a.example. 50 IN A 192.0.2.1",
            "a.example. 60 IN A 192.0.2.2", "a.example. 60 IN A 192.0.2.3"
        )
    );
    EXPECT_THAT(
        readText("a A 192.0.2.1\n").problems,
        ElementsAre(
            "x.zone:1: a.example. A has no TTL, and there is none before it: put $TTL 1h at the beginning "
            "(RFC 2308 section 4)"
        )
    );
}

TEST(MasterFileInclude, ReadsTheFileInItsPlace) {
    const twistdpp::test::ScratchFolder folder;
    folder.write("parts/one", "a 61 A 192.0.2.1\n$ORIGIN deep\nb A 192.0.2.2\n$INCLUDE two\n");
    folder.write("parts/two", "c A 192.0.2.3\n MX x y\n");
    const std::string main = folder.write(
        "x.zone",
        "o 60 A 192.0.2.9\n$INCLUDE parts/one sub\n A 192.0.2.8\n$INCLUDE \"parts/two\"\nd A 192.0.2.7\n"
    );
    const Name origin = Name::parse("example").value();
    MasterFileReader reader(origin);
    Collector sink;
    EXPECT_FALSE(reader.readFile(main, sink));
    EXPECT_THAT(
        sink.records,
        ElementsAre(
            "o.example. 60 IN A 192.0.2.9", "a.sub.example. 61 IN A 192.0.2.1",
            "b.deep.sub.example. 61 IN A 192.0.2.2", "c.deep.sub.example. 61 IN A 192.0.2.3",
            "o.example. 61 IN A 192.0.2.8", "c.example. 61 IN A 192.0.2.3", "d.example. 61 IN A 192.0.2.7"
        )
    );
    const std::string parts = folder.path() + "/parts/";
    EXPECT_THAT(reader.files(), ElementsAre(main, parts + "one", parts + "two"));
    EXPECT_THAT(
        messages(reader.problems()),
        ElementsAre(
            HasSubstr(parts + "two:2: c.deep.sub.example. MX: "), HasSubstr(parts + "two:2: c.example. MX: ")
        )
    );
}

TEST(MasterFileInclude, CirclesDepthAndMissingFilesAreTold) {
    const twistdpp::test::ScratchFolder folder;
    folder.write("b", "$INCLUDE x.zone\nb 60 A 192.0.2.1\n");
    const std::string main = folder.write(
        "x.zone", "$INCLUDE b\n$INCLUDE ./x.zone\n$INCLUDE none\n$INCLUDE .\n$INCLUDE\n"
                  "$INCLUDE b a..b\n"
    );
    MasterFileReader reader(Bytes("\0", 1));
    Collector sink;
    EXPECT_FALSE(reader.readFile(main, sink));
    EXPECT_THAT(sink.records, ElementsAre("b. 60 IN A 192.0.2.1"));
    const std::string at = folder.path() + "/";
    EXPECT_THAT(
        messages(reader.problems()),
        ElementsAre(
            HasSubstr(at + "b:1: $INCLUDE makes a circle: "),
            HasSubstr(main + ":2: $INCLUDE makes a circle: "),
            main + ":3: $INCLUDE: read " + at + "none: No such file or directory",
            main + ":4: $INCLUDE: read " + at + ".: is a directory",
            main + ":5: $INCLUDE takes a file and perhaps an origin (RFC 1035 section 5.1)",
            main + ":6: $INCLUDE: the origin 'a..b' has an empty label"
        )
    );

    for (int i = 0; i < 20; ++i)
        folder.write("d" + std::to_string(i), "$INCLUDE d" + std::to_string(i + 1) + "\n");
    MasterFileReader deep(Bytes("\0", 1));
    EXPECT_FALSE(deep.readFile(at + "d0", sink));
    EXPECT_THAT(messages(deep.problems()), ElementsAre(at + "d16:1: $INCLUDE goes deeper than 16 files"));
}

TEST(MasterFileInclude, TheNumberOfFilesIsLimited) {
    const twistdpp::test::ScratchFolder folder;
    folder.write("a", "a 60 A 192.0.2.1\n");
    MasterFileReader::Limits limits;
    limits.files = 2;
    const auto read =
        readText("$INCLUDE a\n$INCLUDE a\n$INCLUDE a\n", "example.", limits, folder.path() + "/x.zone");
    EXPECT_THAT(read.records, SizeIs(2));
    EXPECT_THAT(read.problems, ElementsAre(HasSubstr("x.zone:3: there are more than 2 $INCLUDE lines")));
}

TEST(MasterFileInclude, CanBeForbidden) {
    MasterFileReader::Limits limits;
    limits.includeDepth = 0;
    EXPECT_THAT(
        readText("$INCLUDE /etc/hostname\n", "example.", limits).problems,
        ElementsAre("x.zone:1: $INCLUDE is not allowed here")
    );
}

TEST(MasterFileGenerate, MakesARecordForEachNumber) {
    EXPECT_THAT(
        readText("$TTL 60\no A 192.0.2.1\n$GENERATE 1-3 h$ A 192.0.2.$\n$GENERATE 0-4/2 $ 30 IN CNAME "
                 "h$.x.\n A 192.0.2.2\n")
            .records,
        ElementsAre(
            "o.example. 60 IN A 192.0.2.1", "h1.example. 60 IN A 192.0.2.1", "h2.example. 60 IN A 192.0.2.2",
            "h3.example. 60 IN A 192.0.2.3", "0.example. 30 IN CNAME h0.x.", "2.example. 30 IN CNAME h2.x.",
            "4.example. 30 IN CNAME h4.x.", "o.example. 60 IN A 192.0.2.2"
        )
    );
}

TEST(MasterFileGenerate, ReplacementsHaveOffsetWidthAndBase) {
    const auto owner = [](const std::string& text) {
        const auto read = readText("$GENERATE 10-10 " + text + " 60 A 192.0.2.1\n");
        return read.records.size() == 1 ? read.records[0].substr(0, read.records[0].find(" 60"))
                                        : read.problems.at(0);
    };
    EXPECT_EQ(owner("a${5}"), "a15.example.");
    EXPECT_EQ(owner("a${-3}b"), "a7b.example.");
    EXPECT_EQ(owner("a${-12}"), "a-2.example.");
    EXPECT_EQ(owner("${0,4}"), "0010.example.");
    EXPECT_EQ(owner("${0,4,d}"), "0010.example.");
    EXPECT_EQ(owner("${0,3,o}"), "012.example.");
    EXPECT_EQ(owner("${0,3,x}"), "00a.example.");
    EXPECT_EQ(owner("${0,3,X}"), "00A.example.");
    EXPECT_EQ(owner("${17,0,x}"), "1b.example.");
    EXPECT_EQ(owner("${17,0,n}"), "b.1.example.");
    EXPECT_EQ(owner("${0,3,N}"), "A.0.example.");
    EXPECT_EQ(owner("${0,4,N}"), "A.0."); // the width counts dots, so this name is absolute
    EXPECT_EQ(owner("${17,7,n}"), "b.1.0.0.example.");
    EXPECT_EQ(owner("$$a"), "\\$a.example.");
    EXPECT_EQ(owner("a\\$"), "a\\$.example.");
    EXPECT_EQ(owner("$-$"), "10-10.example.");
    EXPECT_THAT(owner("${-11,0,x}"), HasSubstr("$GENERATE at 10: the owner makes a number below 0"));
    EXPECT_THAT(owner("${2147483647}"), HasSubstr("the owner makes a number above 2147483647"));
    EXPECT_THAT(owner("${1"), HasSubstr("the text '${1' has no } behind ${"));
    EXPECT_THAT(owner("${}"), HasSubstr("has no number as the offset"));
    EXPECT_THAT(owner("${1,256}"), HasSubstr("has no number up to 255 as the width"));
    EXPECT_THAT(owner("${1,}"), HasSubstr("has no number up to 255 as the width"));
    EXPECT_THAT(owner("${1,1,}"), HasSubstr("has another base than"));
    EXPECT_THAT(owner("${1,1,z}"), HasSubstr("has another base than d, o, x, X, n or N"));
}

TEST(MasterFileGenerate, DataMayBeQuotedAsAWholeOrInWords) {
    const auto read = readText("$TTL 60\n"
                               "$GENERATE 1-1 m$ MX \"1$ mail$\"\n"
                               "$GENERATE 2-2 m$ MX 1$ mail$\n"
                               "$GENERATE 3-3 t$ TXT \"\\\"one $\\\" two\"\n"
                               "$GENERATE 4-4 t$ TXT \"one $\" two\n");
    EXPECT_THAT(
        read.records, ElementsAre(
                          "m1.example. 60 IN MX 11 mail1.example.", "m2.example. 60 IN MX 12 mail2.example.",
                          "t3.example. 60 IN TXT \"one 3\" \"two\"", "t4.example. 60 IN TXT \"one 4\" \"two\""
                      )
    );
}

TEST(MasterFileGenerate, MistakesAreToldOnce) {
    const auto problem = [](const std::string& text, MasterFileReader::Limits limits = {}) {
        const auto read = readText("$TTL 60\n$GENERATE " + text + "\n", "example.", limits);
        EXPECT_THAT(read.problems, SizeIs(1)) << text;
        return read.problems.empty() ? "" : read.problems[0];
    };
    EXPECT_THAT(problem("1-2 a$"), HasSubstr("$GENERATE takes a range, an owner"));
    EXPECT_THAT(problem("1 a$ A 192.0.2.1"), HasSubstr("the range '1' is not of the form FIRST-LAST"));
    EXPECT_THAT(problem("2-1 a$ A 192.0.2.1"), HasSubstr("the range '2-1' ends before it begins"));
    EXPECT_THAT(problem("1-2/0 a$ A 192.0.2.1"), HasSubstr("the range '1-2/0' has no good step"));
    EXPECT_THAT(problem("1-2/ a$ A 192.0.2.1"), HasSubstr("has no good step"));
    EXPECT_THAT(problem("0-2147483648 a$ A 192.0.2.1"), HasSubstr("is not of the form"));
    EXPECT_THAT(problem("1-9 a$ A 192.0.2"), HasSubstr("x.zone:2: $GENERATE at 1: "));
    EXPECT_THAT(problem("1-9 a$ FOO x"), HasSubstr("'FOO' is no type"));
    EXPECT_THAT(
        problem("1-9 a$..b A 192.0.2.1"), HasSubstr("$GENERATE at 1: the owner 'a1..b' has an empty label")
    );
    EXPECT_THAT(problem("1-300 a$ A 192.0.2.$"), HasSubstr("$GENERATE at 256: "));
    MasterFileReader::Limits limits;
    limits.generated = 5;
    EXPECT_THAT(problem("1-6 a$ A 192.0.2.1", limits), HasSubstr("make more than 5 records"));
    EXPECT_THAT(
        readText("$GENERATE 1-3 a$ 60 A 192.0.2.$\n$GENERATE 1-3 b$ 60 A 192.0.2.$\n", "example.", limits)
            .records,
        SizeIs(3)
    );
}

TEST(MasterFileOrigin, IsTheOwnerOfTheSoaOrTheFirstOrigin) {
    const auto origin = [](Bytes text) { return readText(text, "").origin; };
    EXPECT_EQ(origin("example.com. 60 IN SOA ns host 1 2 3 4 5\n"), "example.com.");
    EXPECT_EQ(origin("$TTL 1h\n$ORIGIN example.com.\n@ SOA ns host 1 2 3 4 5\n"), "example.com.");
    EXPECT_EQ(origin("$ORIGIN com.\nexample 60 SOA ns host 1 2 3 4 5\n"), "example.com.");
    EXPECT_EQ(
        origin("$ORIGIN com.\n$ORIGIN example\n@ CLASS1 60 soa ( ns host 1 2 3 4 5 )\n"), "example.com."
    );
    EXPECT_EQ(origin("$ORIGIN example.com.\n$TTL 60\na A 192.0.2.1\n"), "example.com.");
    EXPECT_EQ(origin("example.com. 60 TXT soa\n  SOA ns host 1 2 3 4 5\n"), "example.com.");
    EXPECT_EQ(origin("a\\..com\\. 60 TXT soa\n  SOA ns host 1 2 3 4 5\n"), "");
    EXPECT_THAT(
        readText("@ 60 IN SOA ns host 1 2 3 4 5\n", "").problems,
        ElementsAre(
            "x.zone: the zone's name is not known: begin the file with $ORIGIN and the name, or give the "
            "name with the file"
        )
    );
    EXPECT_THAT(
        readText("example. 60 SOA ns host 1 2 3 4 5\nwww A 192.0.2.1\n", "").records,
        ElementsAre(
            "example. 60 IN SOA ns.example. host.example. 1 2 3 4 5", "www.example. 60 IN A 192.0.2.1"
        )
    );
}

TEST(LoadMasterFile, MakesAZoneAndKeepsTheFilesToWatch) {
    const twistdpp::test::ScratchFolder folder;
    const std::string path = folder.write(
        "x.zone",
        "$TTL 60\n$ORIGIN example.\n@ SOA ns host 1 2 3 4 5\n NS ns\nns A 192.0.2.1\n$INCLUDE more\n"
    );
    folder.write("more", "www A 192.0.2.2\nwww A 192.0.2.2\n");
    const LoadedZone loaded = loadMasterFile(path, "");
    ASSERT_NE(loaded.zone, nullptr) << testing::PrintToString(messages(loaded.problems));
    EXPECT_EQ(nameText(loaded.zone->origin()), "example.");
    EXPECT_EQ(loaded.zone->records(), 4U);
    EXPECT_THAT(
        messages(loaded.problems), ElementsAre(HasSubstr("more:2: www.example. A stands there twice"))
    );
    EXPECT_THAT(loaded.files, ElementsAre(path, folder.path() + "/more"));
    EXPECT_EQ(loadMasterFile(path, "Example.").zone->records(), 4U);
}

TEST(LoadMasterFile, RefusesOtherZonesClassesAndNames) {
    const twistdpp::test::ScratchFolder folder;
    const std::string path = folder.write(
        "x.zone", "$TTL 60\nexample. SOA ns host 1 2 3 4 5\n NS ns.org.\norg. A 192.0.2.1\nb CH A 192.0.2.1\n"
    );
    const LoadedZone loaded = loadMasterFile(path, "");
    EXPECT_EQ(loaded.zone, nullptr);
    EXPECT_THAT(
        messages(loaded.problems),
        ElementsAre(
            path + ":4: org. A is out of the zone",
            path + ":5: b.example. A is not of the class IN, the only one that is served"
        )
    );
    EXPECT_THAT(
        messages(loadMasterFile(path, "a..b").problems),
        ElementsAre(path + ": the zone's name: the name 'a..b' has an empty label")
    );
}

} // namespace twistdpp::dns::test
