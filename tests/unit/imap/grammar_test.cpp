#include "twistdpp/imap/cursor.h"
#include "twistdpp/imap/mailbox_name.h"
#include "twistdpp/imap/message_text.h"

#include <gtest/gtest.h>

namespace twistdpp::imap {
namespace {

TEST(NumberSetTest, WhatItHas) {
    const auto set = NumberSet::parse("1:4,7,12:9,*");
    ASSERT_TRUE(set);
    for (const std::uint32_t in : {1U, 4U, 7U, 9U, 12U, 20U})
        EXPECT_TRUE(set->contains(in, 20)) << in;
    for (const std::uint32_t out : {5U, 8U, 13U, 19U})
        EXPECT_FALSE(set->contains(out, 20)) << out;
    // The last message is in it even when it comes before (RFC 3501 section 6.4.8).
    EXPECT_TRUE(NumberSet::parse("100:*")->contains(20, 20));
    EXPECT_FALSE(NumberSet::parse("100:*")->contains(19, 20));
    for (const Bytes wrong : {"", "0", "1:", ":1", "1,,2", "1,", "a", "-1", "1:2:3", "4294967296", " 1"})
        EXPECT_FALSE(NumberSet::parse(wrong)) << wrong;
}

TEST(NumberSetTest, IsWrittenInRanges) {
    NumberSet set;
    for (const std::uint32_t number : {1U, 2U, 3U, 7U, 9U, 10U})
        set.add(number);
    EXPECT_EQ(set.toString(), "1:3,7,9:10");
    EXPECT_EQ(NumberSet::parse("5,1:*")->toString(), "5,1:*");
}

TEST(MailboxName, ModifiedUtf7) {
    struct Case {
        Bytes utf8, wire;
    };
    for (const Case& each :
         {Case{"INBOX", "INBOX"}, Case{"a&b", "a&-b"}, Case{"Entw\xc3\xbcrfe", "Entw&APw-rfe"},
          Case{
              "~peter/mail/\xe5\x8f\xb0\xe5\x8c\x97/\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e",
              "~peter/mail/&U,BTFw-/&ZeVnLIqe-"},
          Case{"\xf0\x9f\x93\xa7", "&2D3c5w-"}, Case{"", ""}}) {
        EXPECT_EQ(toModifiedUtf7(each.utf8), each.wire);
        EXPECT_EQ(fromModifiedUtf7(each.wire), std::string(each.utf8));
    }
    // Not closed, a letter in disguise, half a pair, bits at the end, no digit, beyond ASCII, two behind
    // another.
    for (const Bytes wrong :
         {"&", "&APw", "&AGE-", "&2D0-", "&3Oc-", "&APz-", "&A*w-", "\xc3\xbc", "&APw-&APw-"})
        EXPECT_FALSE(fromModifiedUtf7(wrong)) << wrong;
}

TEST(CursorTest, ACommandWordForWord) {
    Cursor cursor("A1 uid FETCH 1:* (FLAGS BODY.PEEK[HEADER]) {3}\r\na\r\n \"q\\\"\\\\\" \\Seen");
    EXPECT_EQ(cursor.tag(), "A1");
    EXPECT_TRUE(cursor.space());
    EXPECT_FALSE(cursor.takeWord("UI"));
    EXPECT_TRUE(cursor.takeWord("UID"));
    EXPECT_TRUE(cursor.space() && cursor.takeWord("FETCH") && cursor.space());
    EXPECT_EQ(cursor.numberSet()->toString(), "1:*");
    EXPECT_TRUE(cursor.space() && cursor.take('('));
    EXPECT_EQ(cursor.atom(), "FLAGS");
    EXPECT_TRUE(
        cursor.space() && cursor.takeWord("BODY.PEEK") && cursor.take('[') && cursor.takeWord("HEADER")
    );
    EXPECT_TRUE(cursor.take(']') && cursor.take(')') && cursor.space());
    EXPECT_EQ(cursor.astring(), "a\r\n");
    EXPECT_TRUE(cursor.space());
    EXPECT_EQ(cursor.string(), "q\"\\");
    EXPECT_TRUE(cursor.space());
    EXPECT_EQ(cursor.flag(), "\\Seen");
    EXPECT_TRUE(cursor.atEnd());
    EXPECT_FALSE(cursor.atom());
}

TEST(CursorTest, WhatDoesNotFitStays) {
    for (const Bytes wrong :
         {"\"open", "{5}\r\nabc", "{5}", "{x}\r\nabc", "\"a\r\n\"", "{1{3}\r\nabc", "(", ""}) {
        Cursor cursor(wrong);
        EXPECT_FALSE(cursor.astring()) << wrong;
        EXPECT_EQ(cursor.rest(), wrong);
    }
    Cursor cursor("4294967296 +x");
    EXPECT_FALSE(cursor.number());
    EXPECT_EQ(cursor.number64(), 4294967296U);
    EXPECT_TRUE(cursor.space());
    EXPECT_FALSE(cursor.tag());
    EXPECT_EQ(Cursor("a%*").listMailbox(), "a%*");
    EXPECT_EQ(Cursor("a]b").astring(), "a]b");
}

TEST(Literals, AreAnnouncedAtTheEndOfALine) {
    EXPECT_EQ(literalAtEnd("A1 LOGIN {12}")->size, 12U);
    EXPECT_TRUE(literalAtEnd("{0}")->waits);
    EXPECT_FALSE(literalAtEnd("x {7+}")->waits);
    for (const Bytes wrong : {"", "}", "{}", "{+}", "{x}", "{1} ", "1}", "{99999999999999999999}"})
        EXPECT_FALSE(literalAtEnd(wrong)) << wrong;
}

TEST(Strings, InQuotesWhereTheyCanBe) {
    std::string out;
    appendString(out, "a \"b\" \\");
    EXPECT_EQ(out, R"("a \"b\" \\")");
    out.clear();
    appendString(out, "caf\xc3\xa9");
    EXPECT_EQ(out, "{5}\r\ncaf\xc3\xa9");
    out.clear();
    appendNString(out, "");
    EXPECT_EQ(out, "NIL");
}

constexpr Bytes kLetter =
    "Date: Fri, 27 Nov 2026 10:00:00 +0000\r\nFrom: \"Ann A\" <ann@x.test>\r\nTo: joe@y.test,\r\n list: "
    "z@z.test;\r\n"
    "Subject: two\r\n lines\r\nMessage-ID: <1@x>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    "--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: "
    "quoted-printable\r\n\r\n<b>\r\nhi</b>\r\n"
    "--b\r\nContent-Type: message/rfc822\r\nContent-Disposition: attachment; filename=a.eml\r\n\r\n"
    "Subject: inner\r\nFrom: joe@y.test\r\n\r\ninside\r\n--b--\r\n";

TEST(MessageText, Envelope) {
    EXPECT_EQ(
        envelopeOf(mime::parseMessage(kLetter)),
        "(\"Fri, 27 Nov 2026 10:00:00 +0000\" \"two lines\" ((\"Ann A\" NIL \"ann\" \"x.test\")) "
        "((\"Ann A\" NIL \"ann\" \"x.test\")) ((\"Ann A\" NIL \"ann\" \"x.test\")) "
        "((NIL NIL \"joe\" \"y.test\")(NIL NIL \"list\" NIL)(NIL NIL \"z\" \"z.test\")(NIL NIL NIL NIL)) NIL "
        "NIL NIL "
        "\"<1@x>\")"
    );
    EXPECT_EQ(envelopeOf(mime::parseMessage("")), "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)");
}

TEST(MessageText, Structure) {
    const mime::Part letter = mime::parseMessage(kLetter);
    const std::string inner = "(NIL \"inner\" ((NIL NIL \"joe\" \"y.test\")) ((NIL NIL \"joe\" \"y.test\")) "
                              "((NIL NIL \"joe\" \"y.test\")) NIL NIL NIL NIL NIL)";
    EXPECT_EQ(
        bodyStructureOf(letter, false),
        "((\"TEXT\" \"HTML\" (\"CHARSET\" \"utf-8\") NIL NIL \"QUOTED-PRINTABLE\" 11 1)"
        "(\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 42 " +
            inner + " (\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") NIL NIL \"7BIT\" 6 0) 3) \"MIXED\")"
    );
    const std::string extended = bodyStructureOf(letter, true);
    EXPECT_NE(extended.find("NIL (\"ATTACHMENT\" (\"FILENAME\" \"a.eml\")) NIL NIL)"), std::string::npos)
        << extended;
    EXPECT_TRUE(extended.ends_with("\"MIXED\" (\"BOUNDARY\" \"b\") NIL NIL NIL)")) << extended;
    EXPECT_EQ(
        bodyStructureOf(
            mime::parseMessage("Content-Type: multipart/mixed; boundary=x\r\n\r\nno parts"), false
        ),
        "(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 8 0)"
    );
}

TEST(MessageText, Sections) {
    const mime::Part letter = mime::parseMessage(kLetter);
    using What = Section::What;
    const auto get = [&](std::vector<std::uint32_t> parts, What what, std::vector<std::string> names = {}) {
        return sectionOf(letter, kLetter, {std::move(parts), what, std::move(names)}).value_or("none");
    };
    EXPECT_EQ(get({}, What::all), kLetter);
    EXPECT_EQ(get({1}, What::all), "<b>\r\nhi</b>");
    EXPECT_EQ(
        get({1}, What::mime),
        "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    );
    EXPECT_EQ(get({2}, What::all), "Subject: inner\r\nFrom: joe@y.test\r\n\r\ninside");
    EXPECT_EQ(get({2}, What::header), "Subject: inner\r\nFrom: joe@y.test\r\n\r\n");
    EXPECT_EQ(get({2}, What::text), "inside");
    EXPECT_EQ(get({2, 1}, What::all), "inside");
    EXPECT_EQ(
        get({}, What::fields, {"SUBJECT", "message-id"}),
        "Subject: two\r\n lines\r\nMessage-ID: <1@x>\r\n\r\n"
    );
    EXPECT_EQ(get({2}, What::notFields, {"From"}), "Subject: inner\r\n\r\n");
    EXPECT_TRUE(get({}, What::header).ends_with("boundary=b\r\n\r\n"));
    EXPECT_TRUE(get({}, What::text).starts_with("--b\r\n"));
    for (const std::vector<std::uint32_t>& none :
         std::vector<std::vector<std::uint32_t>>{{3}, {0}, {1, 1}, {2, 2}, {2, 1, 1}})
        EXPECT_EQ(get(none, What::all), "none");
    EXPECT_EQ(get({1}, What::header), "none");
    EXPECT_EQ(get({}, What::mime), "none");
    // The text of a message without parts is its part 1.
    const mime::Part plain = mime::parseMessage("A: b\r\n\r\ntext");
    EXPECT_EQ(sectionOf(plain, "A: b\r\n\r\ntext", {{1}, What::all, {}}), "text");
    EXPECT_EQ(sectionOf(plain, "A: b\r\n\r\ntext", {{2}, What::all, {}}), std::nullopt);
    EXPECT_EQ(
        (Section{{1, 2}, What::fields, {"Subject", "a b"}}.toString()), "1.2.HEADER.FIELDS (Subject \"a b\")"
    );
    EXPECT_EQ((Section{{}, What::text, {}}.toString()), "TEXT");
}

} // namespace
} // namespace twistdpp::imap
