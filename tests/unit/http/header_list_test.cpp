#include "twistdpp/http/header_list.h"

#include <gtest/gtest.h>

namespace twistdpp::http {

TEST(HeaderList, KeepsFieldsInOrderAndNamesAsGiven) {
    HeaderList list;
    EXPECT_TRUE(list.add("X-Second", "b"));
    EXPECT_TRUE(list.add("Set-Cookie", "1"));
    EXPECT_TRUE(list.add("set-cookie", "2"));
    std::string text;
    list.appendTo(text);
    EXPECT_EQ(text, "X-Second: b\r\nSet-Cookie: 1\r\nset-cookie: 2\r\n");
    EXPECT_EQ(list.get("SET-COOKIE"), "1");
    EXPECT_EQ(list.get("missing"), std::nullopt);
    EXPECT_EQ(list.remove("Set-Cookie"), 2u);
    EXPECT_EQ(list.size(), 1u);
}

TEST(HeaderList, SetsOneFieldInThePlaceOfAll) {
    HeaderList list;
    list.add("A", "1");
    list.add("B", "2");
    list.add("a", "3");
    EXPECT_TRUE(list.set("a", "4"));
    EXPECT_TRUE(list.set(KnownHeader::etag, "\"x\""));
    EXPECT_FALSE(list.setIfMissing("C", "a\nb"));
    EXPECT_TRUE(list.setIfMissing("B", "unused"));
    std::string text;
    list.appendTo(text);
    EXPECT_EQ(text, "a: 4\r\nB: 2\r\nETag: \"x\"\r\n");
}

TEST(HeaderList, LetsNothingBreakOutOfItsLine) {
    HeaderList list;
    list.add("A", "old");
    for (const Bytes value :
         {Bytes("x\r\nB: y"), Bytes("x\ny"), Bytes("x\ry"), Bytes("x\0y", 3), Bytes("\x1b[1m"), Bytes(" x"),
          Bytes("x\t"), Bytes("\x7f")}) {
        EXPECT_FALSE(list.add("B", value));
        EXPECT_FALSE(list.set("A", value));
    }
    for (const Bytes name :
         {Bytes(""), Bytes("a b"), Bytes("a:"), Bytes("a\r\nB"), Bytes("a\0", 2), Bytes("\xC3\xA4")})
        EXPECT_FALSE(list.add(name, "x"));
    EXPECT_EQ(list.size(), 1u);
    EXPECT_EQ(list.get("A"), "old");
    EXPECT_TRUE(list.add("B", ""));
    EXPECT_TRUE(list.add("B", "\xC3\xA4 \t x"));
}

} // namespace twistdpp::http
