// What is wrong in a master file, and that the rest of it is read.
#include "read_text.h"

#include <gmock/gmock.h>

namespace twistdpp::dns::test {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {
/// The only problem of one line between two good ones.
std::string problemOf(const std::string& line) {
    const auto read = readText("a 60 A 192.0.2.1\n" + line + "\nz 60 A 192.0.2.9\n");
    EXPECT_THAT(read.records, ElementsAre("a.example. 60 IN A 192.0.2.1", "z.example. 60 IN A 192.0.2.9"))
        << line;
    EXPECT_EQ(read.problems.size(), 1U) << line;
    EXPECT_FALSE(read.good) << line;
    return read.problems.empty() ? "" : read.problems[0];
}
} // namespace

TEST(MasterFileProblem, EachNamesItsLineAndWhatIsWrong) {
    EXPECT_EQ(
        problemOf("b 60 FOO bar"),
        "x.zone:2: 'FOO' is no type of record; one without a name is written TYPE123 "
        "(RFC 3597 section 5)"
    );
    EXPECT_EQ(problemOf("b"), "x.zone:2: the entry has no type (RFC 1035 section 5.1)");
    EXPECT_EQ(problemOf("b 60 IN"), "x.zone:2: the entry has no type (RFC 1035 section 5.1)");
    EXPECT_EQ(problemOf("b 60 \"A\" 192.0.2.1"), "x.zone:2: the entry has no type (RFC 1035 section 5.1)");
    EXPECT_EQ(
        problemOf("b IN CH A 192.0.2.1"), "x.zone:2: the entry states two classes (RFC 1035 section 5.1)"
    );
    EXPECT_THAT(problemOf("b 60 61 A 192.0.2.1"), HasSubstr("'61' is no type of record"));
    EXPECT_THAT(problemOf("b 1x A 192.0.2.1"), HasSubstr("x.zone:2: the TTL '1x' is no time"));
    EXPECT_THAT(
        problemOf("b 2147483648 A 192.0.2.1"),
        HasSubstr("the TTL '2147483648' is above 2147483647 seconds (RFC 2181 section 8)")
    );
    EXPECT_EQ(
        problemOf("b..c 60 A 192.0.2.1"),
        "x.zone:2: the owner 'b..c' has an empty label (RFC 1035 section 2.3.4)"
    );
    EXPECT_EQ(
        problemOf("b 60 ANY 192.0.2.1"), "x.zone:2: '192.0.2.1' is no type of record; one without a name is "
                                         "written TYPE123 (RFC 3597 section 5)"
    );
    EXPECT_EQ(
        problemOf("b 60 AXFR x"), "x.zone:2: the type AXFR is for questions only (RFC 6895 section 3.1)"
    );
    EXPECT_EQ(
        problemOf("b 60 TYPE0 \\# 0"), "x.zone:2: the type TYPE0 is for questions only (RFC 6895 section 3.1)"
    );
    EXPECT_EQ(problemOf("b 60 NONE A x"), "x.zone:2: the class NONE is for questions and updates only");
    EXPECT_EQ(problemOf("b 60 A 1.2.3"), "x.zone:2: b.example. A: the address '1.2.3' is no IPv4 address");
    EXPECT_THAT(problemOf("b 60 A 192.0.2.1 more"), HasSubstr("x.zone:2: b.example. A: "));
    EXPECT_EQ(
        problemOf("b 60 A 192.0.2.1 )"),
        "x.zone:2: a parenthesis is closed that was not opened (RFC 1035 section 5.1)"
    );
    EXPECT_EQ(
        problemOf("$FOO x"),
        "x.zone:2: '$FOO' is no directive; there are $ORIGIN, $TTL, $INCLUDE and $GENERATE"
    );
}

TEST(MasterFileProblem, WordsAreShownOnOneLineAndCut) {
    EXPECT_THAT(problemOf("b 60 F\x01\x9bO"), HasSubstr("'F\\001\\155O' is no type"));
    EXPECT_THAT(problemOf("b 60 " + std::string(500, 'F')), HasSubstr("'" + std::string(60, 'F') + "...'"));
}

TEST(MasterFileProblem, AnOpenParenthesisIsToldWhereItBegins) {
    const auto read = readText("a 60 A 192.0.2.1\n\nb 60 TXT ( x\nc 60 A 192.0.2.1\n");
    EXPECT_THAT(
        read.problems,
        ElementsAre("x.zone:3: a parenthesis is opened and never closed (RFC 1035 section 5.1)")
    );
    EXPECT_THAT(read.records, ElementsAre("a.example. 60 IN A 192.0.2.1"));
}

TEST(MasterFileProblem, AnEntryWithoutAnOwnerNeedsOneBefore) {
    EXPECT_THAT(
        readText(" 60 A 192.0.2.1\n").problems,
        ElementsAre("x.zone:1: the entry has no owner, and there is none before it (RFC 1035 section 5.1)")
    );
}

TEST(MasterFileProblem, WhatHasABadOwnerIsToldOnce) {
    const auto read = readText("b..c 60 A 192.0.2.1\n 60 A 192.0.2.2\n 60 MX 0 x\nd 60 A 192.0.2.3\n");
    EXPECT_EQ(read.problems.size(), 1U);
    EXPECT_THAT(read.records, ElementsAre("d.example. 60 IN A 192.0.2.3"));
}

TEST(MasterFileProblem, AfterAHundredItGivesUp) {
    std::string text;
    for (int i = 0; i < 500; ++i)
        text += "x 60 FOO\n";
    const auto read = readText(text);
    ASSERT_EQ(read.problems.size(), 101U);
    EXPECT_EQ(
        read.problems.back(), "x.zone:101: there are more problems than these; nothing is read from here on"
    );
}

TEST(MasterFileProblem, RemarksDoNotEndTheReading) {
    std::string text;
    for (int i = 0; i < 500; ++i)
        text += "x 60 A 192.0.2.1\n";
    const Name origin = Name::parse("example").value();
    MasterFileReader reader(origin);
    int count = 0;
    auto sink = [&](const MasterRecord&) -> MasterVerdict {
        ++count;
        return {"is one more", false};
    };
    EXPECT_TRUE(reader.readText(text, "x.zone", sink));
    EXPECT_EQ(count, 500);
    ASSERT_EQ(reader.problems().size(), 101U);
    EXPECT_EQ(reader.problems()[0].message(), "x.zone:1: x.example. A is one more");
    EXPECT_EQ(
        reader.problems()[100].message(), "x.zone:101: there are more remarks than these; they are left out"
    );
}

TEST(MasterFileProblem, ARefusedClassDoesNotBecomeTheDefault) {
    const Name origin = Name::parse("example").value();
    MasterFileReader reader(origin);
    Lines seen;
    auto sink = [&](const MasterRecord& record) -> MasterVerdict {
        seen.push_back(classText(record.klass));
        return {record.klass == Class::in ? nullptr : "is of another class", true};
    };
    EXPECT_FALSE(reader.readText("a 1 A 192.0.2.1\nb CH A 192.0.2.1\nc A 192.0.2.1\n", "x.zone", sink));
    EXPECT_THAT(seen, ElementsAre("IN", "CH", "IN"));
    EXPECT_THAT(messages(reader.problems()), ElementsAre("x.zone:2: b.example. A is of another class"));
}

TEST(MasterFileProblem, FoldersAndMissingFilesAreTold) {
    MasterFileReader reader(Bytes("\0", 1));
    Collector sink;
    EXPECT_FALSE(reader.readFile("/nowhere/x.zone", sink));
    EXPECT_THAT(
        messages(reader.problems()),
        ElementsAre("/nowhere/x.zone: read /nowhere/x.zone: No such file or directory")
    );
    EXPECT_THAT(reader.files(), ElementsAre("/nowhere/x.zone"));
    MasterFileReader folder(Bytes("\0", 1));
    EXPECT_FALSE(folder.readFile("/", sink));
    EXPECT_THAT(messages(folder.problems()), ElementsAre("/: read /: is a directory"));
}

} // namespace twistdpp::dns::test
