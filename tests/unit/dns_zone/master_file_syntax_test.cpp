// The form of a master file's entries (RFC 1035 section 5.1): words, lines, quotes, escapes.
#include "read_text.h"

#include <gmock/gmock.h>

namespace twistdpp::dns::test {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(MasterFileSyntax, OwnersAreRelativeAbsoluteOmittedOrTheOrigin) {
    const auto read = readText("@ 60 A 192.0.2.1\n"
                               "\tA 192.0.2.2\n"
                               "www 60 A 192.0.2.3\n"
                               "  60 A 192.0.2.4\n"
                               "a.b.example.org. 60 A 192.0.2.5\n"
                               "www 60 A 192.0.2.6\n");
    EXPECT_THAT(
        read.records, ElementsAre(
                          "example. 60 IN A 192.0.2.1", "example. 60 IN A 192.0.2.2",
                          "www.example. 60 IN A 192.0.2.3", "www.example. 60 IN A 192.0.2.4",
                          "a.b.example.org. 60 IN A 192.0.2.5", "www.example. 60 IN A 192.0.2.6"
                      )
    );
    EXPECT_TRUE(read.good);
}

TEST(MasterFileSyntax, TtlAndClassStandInEitherOrderOrNotAtAll) {
    const auto read = readText("a 1 IN A 192.0.2.1\n"
                               "a IN 2 A 192.0.2.1\n"
                               "a 3 A 192.0.2.1\n"
                               "a in A 192.0.2.1\n"
                               "a A 192.0.2.1\n"
                               "a 4 CLASS1 a 192.0.2.1\n"
                               "a TYPE1 192.0.2.1\n");
    EXPECT_THAT(
        read.records,
        ElementsAre(
            "a.example. 1 IN A 192.0.2.1", "a.example. 2 IN A 192.0.2.1", "a.example. 3 IN A 192.0.2.1",
            "a.example. 3 IN A 192.0.2.1", "a.example. 3 IN A 192.0.2.1", "a.example. 4 IN A 192.0.2.1",
            "a.example. 4 IN A 192.0.2.1"
        )
    );
}

TEST(MasterFileSyntax, AnOwnerMayLookLikeATypeAClassOrATime) {
    const auto read = readText("in 1 A 192.0.2.1\nMX 1 A 192.0.2.2\n7 1 A 192.0.2.3\nsoa MX 0 in\n");
    EXPECT_THAT(
        read.records, ElementsAre(
                          "in.example. 1 IN A 192.0.2.1", "MX.example. 1 IN A 192.0.2.2",
                          "7.example. 1 IN A 192.0.2.3", "soa.example. 1 IN MX 0 in.example."
                      )
    );
}

TEST(MasterFileSyntax, ParenthesesJoinLinesAndCloseAnywhere) {
    const auto read = readText("@ 60 SOA ns host ( ; begins\n"
                               "   1 ; serial ) not here\n"
                               "\t2h\n"
                               "3 4\n"
                               "5 )\n"
                               "a 60 ( A ) 192.0.2.1\n"
                               "b (\n 60\n A\n) 192.0.2.2\n"
                               "c 60 MX (10) mail\n"
                               "d 60 TXT ((\"x\") y)z\n");
    EXPECT_THAT(
        read.records, ElementsAre(
                          "example. 60 IN SOA ns.example. host.example. 1 7200 3 4 5",
                          "a.example. 60 IN A 192.0.2.1", "b.example. 60 IN A 192.0.2.2",
                          "c.example. 60 IN MX 10 mail.example.", "d.example. 60 IN TXT \"x\" \"y\" \"z\""
                      )
    );
    EXPECT_THAT(read.problems, IsEmpty());
}

TEST(MasterFileSyntax, ALineWithinParenthesesHasNoOwner) {
    const auto read = readText("a 60 TXT (\nb\nc )\nd A 192.0.2.1\n");
    EXPECT_THAT(
        read.records, ElementsAre("a.example. 60 IN TXT \"b\" \"c\"", "d.example. 60 IN A 192.0.2.1")
    );
}

TEST(MasterFileSyntax, CommentsAndEmptyLinesSayNothing) {
    const auto read = readText("; a comment \" ( not open\n"
                               "\n"
                               "   \t ; another\n"
                               "a 60 A 192.0.2.1; at once\n"
                               " ;\n"
                               " 61 A 192.0.2.2 ;; more\n"
                               "();\n"
                               " 62 A 192.0.2.3");
    EXPECT_THAT(
        read.records,
        ElementsAre(
            "a.example. 60 IN A 192.0.2.1", "a.example. 61 IN A 192.0.2.2", "a.example. 62 IN A 192.0.2.3"
        )
    );
    EXPECT_THAT(read.problems, IsEmpty());
}

TEST(MasterFileSyntax, QuotesHoldBlanksAndSemicolons) {
    const auto read = readText("a 60 TXT \"v=1; b=(x)\" \"\" \"say \\\"hi\\\"\"\"next\"last\n");
    EXPECT_THAT(
        read.records,
        ElementsAre("a.example. 60 IN TXT \"v=1; b=(x)\" \"\" \"say \\\"hi\\\"\" \"next\" \"last\"")
    );
}

TEST(MasterFileSyntax, AQuotedStringEndsOnItsLineUnlessParenthesesAreOpen) {
    const auto read = readText("a 60 TXT \"open\nb 60 A 192.0.2.1\nc 60 TXT ( \"one\ntwo\" )\n");
    EXPECT_THAT(
        read.records, ElementsAre("b.example. 60 IN A 192.0.2.1", "c.example. 60 IN TXT \"one\\010two\"")
    );
    EXPECT_THAT(read.problems, ElementsAre("x.zone:1: a quoted string is not closed (RFC 1035 section 5.1)"));
}

TEST(MasterFileSyntax, EscapesTakeTheMeaningOfACharacter) {
    const auto read = readText("a\\.b 60 A 192.0.2.1\n"
                               "\\@ 60 A 192.0.2.2\n"
                               "\\$x 60 A 192.0.2.3\n"
                               "a\\032b 60 TXT \\065\\;\\\"\\ z\n"
                               "\\097 60 A 192.0.2.4\n");
    EXPECT_THAT(
        read.records, ElementsAre(
                          "a\\.b.example. 60 IN A 192.0.2.1", "\\@.example. 60 IN A 192.0.2.2",
                          "\\$x.example. 60 IN A 192.0.2.3", "a\\032b.example. 60 IN TXT \"A;\\\" z\"",
                          "a.example. 60 IN A 192.0.2.4"
                      )
    );
    EXPECT_THAT(read.problems, IsEmpty());
}

TEST(MasterFileSyntax, ABackslashDoesNotReachOverALineEnd) {
    const auto read = readText("a 60 TXT x\\\nb 60 A 192.0.2.1\n");
    EXPECT_THAT(read.records, ElementsAre("b.example. 60 IN A 192.0.2.1"));
    ASSERT_EQ(read.problems.size(), 1U);
    EXPECT_THAT(read.problems[0], HasSubstr("x.zone:1: a.example. TXT: "));
}

TEST(MasterFileSyntax, LineEndsOfEachSystemCount) {
    const auto read = readText("a 60 A 192.0.2.1\r\nb 60 A 192.0.2.2\rc 60 A 192.0.2.3 ; x\r\nd 60 A x\r\n");
    EXPECT_THAT(
        read.records,
        ElementsAre(
            "a.example. 60 IN A 192.0.2.1", "b.example. 60 IN A 192.0.2.2", "c.example. 60 IN A 192.0.2.3"
        )
    );
    EXPECT_THAT(read.problems, ElementsAre(HasSubstr("x.zone:4: d.example. A: ")));
    EXPECT_THAT(readText("a 60 A 192.0.2.1\r").records, ElementsAre("a.example. 60 IN A 192.0.2.1"));
}

TEST(MasterFileSyntax, AServiceParameterKeepsItsQuotedValueAndATextDoesNot) {
    const auto read = readText("a 60 HTTPS 1 . alpn=\"h2,h3\" port=8443\na 60 TXT v=\"a b\"c d\\=\"e\"\n");
    EXPECT_THAT(
        read.records, ElementsAre(
                          "a.example. 60 IN HTTPS 1 . alpn=\"h2,h3\" port=8443",
                          "a.example. 60 IN TXT \"v=\" \"a b\" \"c\" \"d=\" \"e\""
                      )
    );
}

TEST(MasterFileSyntax, UnknownTypesAndClassesHaveNumbers) {
    const auto read = readText("a 60 TYPE65280 \\# 3 0102 03\n"
                               "b 60 A \\# 4 C0000201\n"
                               "c CLASS32 60 TYPE731 \\# 0\n"
                               "d CH 60 TXT \"other class\"\n");
    EXPECT_THAT(
        read.records, ElementsAre(
                          "a.example. 60 IN TYPE65280 \\# 3 010203", "b.example. 60 IN A 192.0.2.1",
                          "c.example. 60 CLASS32 TYPE731 \\# 0", "d.example. 60 CH TXT \"other class\""
                      )
    );
    EXPECT_TRUE(read.good);
}

TEST(MasterFileSyntax, AByteOrderMarkIsToldAndTheRestRead) {
    const auto read = readText("\xef\xbb\xbf"
                               "a 60 A 192.0.2.1\n");
    EXPECT_THAT(read.records, ElementsAre("a.example. 60 IN A 192.0.2.1"));
    EXPECT_THAT(
        read.problems, ElementsAre("x.zone:1: the file begins with a byte order mark; save it as UTF-8 "
                                   "without one")
    );
    EXPECT_FALSE(read.good);
    EXPECT_THAT(
        readText(Bytes(
                     "\xff\xfe"
                     "a\0 \0",
                     6
                 ))
            .problems,
        ElementsAre(HasSubstr("UTF-16"))
    );
}

TEST(MasterFileSyntax, ZeroBytesSpoilTheirEntryOnly) {
    using namespace std::string_view_literals;
    const auto read = readText("a\0 60 A 192.0.2.1\nb 60 TXT \"x\0\"\nc 60 A 192.0.2.2\n"sv);
    EXPECT_THAT(read.records, ElementsAre("c.example. 60 IN A 192.0.2.2"));
    EXPECT_THAT(
        read.problems, ElementsAre(
                           "x.zone:1: the entry has a byte 0: is this a text file?",
                           "x.zone:2: the entry has a byte 0: is this a text file?"
                       )
    );
    EXPECT_THAT(readText("a 60 A 192.0.2.1 ; \0\n"sv).problems, IsEmpty());
}

TEST(MasterFileSyntax, AnEmptyFileHasNoRecords) {
    for (const Bytes text : {"", "\n", " ", ";", "\t\r\n ;x"}) {
        EXPECT_THAT(readText(text).records, IsEmpty()) << text;
        EXPECT_TRUE(readText(text).good) << text;
    }
}

} // namespace twistdpp::dns::test
