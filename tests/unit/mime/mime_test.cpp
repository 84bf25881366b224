#include "twistdpp/mime/decode.h"
#include "twistdpp/mime/fields.h"
#include "twistdpp/mime/part.h"

#include <gtest/gtest.h>

namespace twistdpp::mime {
namespace {

TEST(Decode, Base64IsReadHoweverItIsBroken) {
    EXPECT_EQ(fromBase64Lines("aGVs\r\nbG8="), "hello");
    EXPECT_EQ(fromBase64Lines("aGVs bG8"), "hello");
    EXPECT_EQ(fromBase64Lines("aGk=aGk="), "hihi");
    EXPECT_EQ(fromBase64Lines("****"), "");
}

TEST(Decode, QuotedPrintable) {
    EXPECT_EQ(fromQuotedPrintable("caf=C3=A9 =\r\nau lait"), "caf\xc3\xa9 au lait");
    EXPECT_EQ(fromQuotedPrintable("a=  \nb"), "ab");
    EXPECT_EQ(fromQuotedPrintable("1=2 =zz ="), "1=2 =zz =");
    EXPECT_EQ(fromQuotedPrintable("a_b"), "a_b");
    EXPECT_EQ(fromQuotedPrintable("a_b", true), "a b");
}

TEST(Decode, CharacterSets) {
    EXPECT_EQ(toUtf8("caf\xe9", "ISO-8859-1"), "caf\xc3\xa9");
    EXPECT_EQ(toUtf8("\x80", "iso-8859-1"), "\xe2\x82\xac"); // the euro, as Windows has it
    EXPECT_EQ(toUtf8("\x1b$B$3\x1b(B", "iso-2022-jp"), "\xe3\x81\x93");
    EXPECT_EQ(toUtf8("a\xff", "utf-8"), "a\xef\xbf\xbd");
    EXPECT_EQ(toUtf8("a\xff", "no-such-set"), "a\xef\xbf\xbd");
    EXPECT_EQ(toUtf8("a\xff", "utf-8//IGNORE"), "a\xef\xbf\xbd");
    EXPECT_EQ(toUtf8("abc\xe3", "shift_jis"), "abc\xef\xbf\xbd"); // breaks off
}

TEST(Fields, FoldedOnesAreOne) {
    const auto fields = fieldsOf(
        " : nameless\r\n:\r\nFrom: a@b\r\nSubject: one\r\n two\r\nnonsense\r\nTo:c@d\n\r\nX: not any more\r\n"
    );
    ASSERT_EQ(fields.size(), 3U);
    EXPECT_EQ(fieldOf(fields, "subject"), "one two");
    EXPECT_EQ(fieldOf(fields, "TO"), "c@d");
    EXPECT_EQ(fieldOf(fields, "X"), std::nullopt);
}

TEST(Fields, EncodedWords) {
    EXPECT_EQ(decodeWords("=?utf-8?q?caf=C3=A9?= ol=?"), "caf\xc3\xa9 ol=?");
    EXPECT_EQ(decodeWords("=?UTF-8?B?w6k=?= =?iso-8859-1?Q?=E9_x?= end"), "\xc3\xa9\xc3\xa9 x end");
    EXPECT_EQ(decodeWords("a =?utf-8?x?y?= b"), "a =?utf-8?x?y?= b");
    EXPECT_EQ(decodeWords("=?utf-8*en?q?hi?="), "hi");
    EXPECT_EQ(decodeWords(""), "");
}

TEST(Fields, Parameters) {
    const auto type = Parameterised::parse("Text/HTML (a comment); Charset=\"utf-8\"; x=a\\b; broken; n=1");
    EXPECT_EQ(type.value, "text/html");
    EXPECT_EQ(type.get("charset"), "utf-8");
    EXPECT_EQ(type.get("x"), "a\\b");
    EXPECT_EQ(type.get("n"), "1");
    EXPECT_EQ(type.get("none"), "");
    const auto pieces = Parameterised::parse(
        "attachment; filename*0*=iso-8859-1'en'caf%E9; filename*1=\" two\"; filename=old.txt"
    );
    EXPECT_EQ(pieces.get("filename"), "caf\xc3\xa9 two");
    EXPECT_EQ(Parameterised::parse("a; filename=\"=?utf-8?q?=C3=A9?=\"").get("filename"), "\xc3\xa9");
    EXPECT_EQ(Parameterised::parse("a; filename*99999999999=x").get("filename"), "");
}

constexpr Bytes kLetter =
    "Subject: x\r\nContent-Type: multipart/mixed; boundary=\"out er\"\r\n\r\npreamble\r\n"
    "--out er\r\nContent-Type: multipart/alternative; boundary=in\r\n\r\n"
    "--in\r\n\r\nplain\r\n--in\r\nContent-Type: text/html; charset=iso-8859-1\r\n"
    "Content-Transfer-Encoding: quoted-printable\r\n\r\n<b>caf=E9</b>\r\n--in--\r\n"
    "--out er\r\nContent-Type: image/png; name=\"../a/b.png\"\r\nContent-ID: <one@x>\r\n"
    "Content-Transfer-Encoding: BASE64\r\n\r\niVBO\r\n--out er\r\n"
    "Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ninside\r\n--out er--\r\nepilogue";

TEST(Parts, ALetterWithAllThatThereIs) {
    const Part letter = parseMessage(kLetter);
    ASSERT_EQ(letter.parts.size(), 3U);
    EXPECT_EQ(letter.parts[0].parts.size(), 2U);
    const Overview seen = overviewOf(letter);
    ASSERT_TRUE(seen.text && seen.html);
    EXPECT_EQ(seen.text->text(), "plain");
    EXPECT_EQ(seen.html->text(), "<b>caf\xc3\xa9</b>");
    ASSERT_EQ(seen.attachments.size(), 2U);
    EXPECT_EQ(seen.attachments[0]->fileName(), "b.png");
    EXPECT_EQ(seen.attachments[0]->contentId(), "one@x");
    EXPECT_EQ(seen.attachments[0]->content(), "\x89PN");
    ASSERT_EQ(seen.attachments[1]->parts.size(), 1U);
    EXPECT_EQ(fieldOf(seen.attachments[1]->parts[0].fields, "subject"), "inner");
    EXPECT_EQ(seen.attachments[1]->parts[0].body, "inside");
}

TEST(Parts, WhatBreaksOffIsReadAsFarAsItGoes) {
    EXPECT_EQ(overviewOf(parseMessage("")).text->text(), "");
    EXPECT_EQ(parseMessage("no header at all").header, "no header at all");
    const Part open = parseMessage("Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo");
    ASSERT_EQ(open.parts.size(), 2U);
    EXPECT_EQ(open.parts[1].body, "two");
    const Part none = parseMessage("Content-Type: multipart/mixed; boundary=b\n\nno boundary");
    EXPECT_TRUE(none.parts.empty());
    EXPECT_EQ(overviewOf(none).attachments.size(), 1U);
    // A longer boundary is another.
    const Part longer =
        parseMessage("Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--bb\nmore\n--b--\n");
    ASSERT_EQ(longer.parts.size(), 1U);
    EXPECT_EQ(longer.parts[0].body, "one\n--bb\nmore");
}

TEST(Parts, DepthAndNumberAreBounded) {
    std::string deep;
    for (int i = 0; i < 100; ++i)
        deep += "Content-Type: message/rfc822\n\n";
    const Part parsed = parseMessage(deep);
    const Part* part = &parsed;
    std::size_t depth = 0;
    for (; !part->parts.empty(); ++depth)
        part = &part->parts[0];
    EXPECT_EQ(depth, kDeepest);
    std::string many = "Content-Type: multipart/mixed; boundary=b\n\n";
    for (int i = 0; i < 5000; ++i)
        many += "--b\n\n\n";
    EXPECT_EQ(parseMessage(many).parts.size(), kMostParts);
}

} // namespace
} // namespace twistdpp::mime
