#include "twistdpp/http/etag.h"

#include <gtest/gtest.h>

namespace twistdpp::http {

namespace {

std::string list(Bytes text) {
    EntityTagReader reader(text);
    std::string seen;
    while (const auto tag = reader.next())
        seen += tag->text() + "|";
    return seen;
}

} // namespace

TEST(EntityTag, IsReadAndWritten) {
    EXPECT_EQ(parseEntityTag("\"abc\"")->text(), "\"abc\"");
    EXPECT_EQ(parseEntityTag("W/\"abc\"")->text(), "W/\"abc\"");
    EXPECT_EQ(parseEntityTag("\"\"")->opaque, "");
    EXPECT_EQ(parseEntityTag("\"a\\\"")->opaque, "a\\"); // a backslash quotes nothing
    EXPECT_EQ(parseEntityTag("\"\xC3\xA4,;\"")->opaque, "\xC3\xA4,;");
}

TEST(EntityTag, IsNothingElse) {
    for (const Bytes text :
         {"", "abc", "\"abc", "abc\"", "w/\"abc\"", "W/abc", "W\"abc\"", "\"a b\"", "\"a\"b\"", "\"a\" ", "*",
          "\"a\x7f\""})
        EXPECT_FALSE(parseEntityTag(text)) << text;
}

TEST(EntityTag, MatchesStronglyOrWeakly) {
    // The table of RFC 9110 8.8.3.2.
    const EntityTag weak1{true, "1"}, weak2{true, "2"}, strong1{false, "1"};
    EXPECT_FALSE(strongMatch(weak1, weak1));
    EXPECT_TRUE(weakMatch(weak1, weak1));
    EXPECT_FALSE(weakMatch(weak1, weak2));
    EXPECT_FALSE(strongMatch(weak1, strong1));
    EXPECT_TRUE(weakMatch(weak1, strong1));
    EXPECT_TRUE(strongMatch(strong1, strong1));
}

TEST(EntityTagList, KeepsCommasInsideQuotes) {
    EXPECT_EQ(list("\"a,b\", W/\"c\" ,,\t\"d\""), "\"a,b\"|W/\"c\"|\"d\"|");
    EXPECT_EQ(list(""), "");
    EXPECT_EQ(list(" , "), "");
}

TEST(EntityTagList, EndsAtTheFirstThingThatIsNoTag) {
    EXPECT_EQ(list("\"a\", b, \"c\""), "\"a\"|");
    EXPECT_EQ(list("\"a\" \"b\""), "");
    EXPECT_EQ(list("\"a"), "");
    EXPECT_EQ(list("*"), "");
}

TEST(FileTag, TellsFilesVersionsAndCodingsApart) {
    const std::string tag = fileTag(1, 255, 4096);
    EXPECT_EQ(tag, "1-ff-1000");
    EXPECT_EQ(fileTag(1, 255, 4096, "gzip"), "1-ff-1000-gzip");
    EXPECT_NE(fileTag(1, 255, 4097), tag);
    EXPECT_TRUE(parseEntityTag(EntityTag{false, tag}.text()));
}

} // namespace twistdpp::http
