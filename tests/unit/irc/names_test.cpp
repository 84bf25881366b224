#include "twistdpp/irc/casemapping.h"
#include "twistdpp/irc/mask.h"
#include "twistdpp/irc/names.h"

#include <gtest/gtest.h>

namespace twistdpp::irc {
namespace {

TEST(IrcCasemapping, FoldsWhatItsNameSays) {
    EXPECT_EQ(fold("Az[]\\^{}", Casemapping::ascii), "az[]\\^{}");
    EXPECT_EQ(fold("Az[]\\^", Casemapping::rfc1459), "az{}|~");
    EXPECT_EQ(fold("Az[]\\^", Casemapping::strictRfc1459), "az{}|^");
    EXPECT_TRUE(sameName("#A[", "#a{", Casemapping::rfc1459));
    EXPECT_FALSE(sameName("#A[", "#a{", Casemapping::ascii));
    EXPECT_EQ(fold("\xc3\x84"), "\xc3\x84");
    for (const auto mapping : {Casemapping::ascii, Casemapping::rfc1459, Casemapping::strictRfc1459})
        EXPECT_EQ(casemappingFrom(toString(mapping), Casemapping::ascii), mapping);
    EXPECT_EQ(casemappingFrom("klingon", Casemapping::rfc1459), Casemapping::rfc1459);
}

TEST(IrcMask, StarsAndQuestionMarks) {
    EXPECT_TRUE(matchMask("*!*@*", "a!b@c"));
    EXPECT_TRUE(matchMask("a?c*", "ABCdef"));
    EXPECT_TRUE(matchMask("*b*d*", "abcde"));
    EXPECT_TRUE(matchMask("", ""));
    EXPECT_TRUE(matchMask("**", ""));
    EXPECT_FALSE(matchMask("", "a"));
    EXPECT_FALSE(matchMask("a?", "a"));
    EXPECT_FALSE(matchMask("*x", "abc"));
    EXPECT_FALSE(matchMask("abc", "abcd"));
    EXPECT_TRUE(matchMask("[a]", "{A}", Casemapping::rfc1459));
}

TEST(IrcMask, ManyStarsTakeNoLongerThanFew) {
    std::string mask;
    for (int i = 0; i < 2000; ++i)
        mask += "*a";
    mask += "b";
    // Would not end in this century if it went back to each star in turn.
    EXPECT_FALSE(matchMask(mask, std::string(5000, 'a')));
    EXPECT_TRUE(matchMask(mask, std::string(5000, 'a') + "b"));
}

TEST(IrcMask, WhatPeopleTypeBecomesAWholeMask) {
    EXPECT_EQ(completeMask("bob"), "bob!*@*");
    EXPECT_EQ(completeMask("u@h"), "*!u@h");
    EXPECT_EQ(completeMask("n!u"), "n!u@*");
    EXPECT_EQ(completeMask("n!u@h"), "n!u@h");
    EXPECT_EQ(completeMask("@h"), "*!*@h");
    EXPECT_EQ(completeMask("***!*@**"), "*!*@*");
    EXPECT_EQ(completeMask(std::string(500, 'a')).size(), kMaxMask);
}

TEST(IrcNames, Nicks) {
    for (const Bytes good : {Bytes("a"), Bytes("[x]\\`^{}|_-9"), Bytes("J\xc3\xbcrgen")})
        EXPECT_TRUE(isNick(good, 32)) << good;
    for (const Bytes bad :
         {Bytes(""), Bytes("9a"), Bytes("-a"), Bytes("a b"), Bytes("#a"), Bytes("a!b"), Bytes("a@b"),
          Bytes(":a"), Bytes("a\x01"), Bytes("a,b"), Bytes("a*"), Bytes("~a"), Bytes("+a")})
        EXPECT_FALSE(isNick(bad, 32)) << bad;
    EXPECT_FALSE(isNick("abcd", 3));
}

TEST(IrcNames, ChannelsUsersKeys) {
    EXPECT_TRUE(isChannel("#a:b", 64));
    EXPECT_FALSE(isChannel("#", 64));
    EXPECT_FALSE(isChannel("a", 64));
    EXPECT_FALSE(isChannel("#a,b", 64));
    EXPECT_FALSE(isChannel("#a\x07", 64));
    EXPECT_FALSE(isChannel("#abc", 3));
    EXPECT_TRUE(isUser("~bob", 10));
    EXPECT_FALSE(isUser("a@b", 10));
    EXPECT_TRUE(isKey("s3cret:", 23));
    EXPECT_FALSE(isKey(":x", 23));
    EXPECT_FALSE(isKey("a,b", 23));
    EXPECT_FALSE(isKey("\xc3\xa4", 23));
}

TEST(IrcNames, ASourceInItsParts) {
    const Source whole("n!u@h");
    EXPECT_EQ(whole.nick, "n");
    EXPECT_EQ(whole.user, "u");
    EXPECT_EQ(whole.host, "h");
    const Source server("irc.test");
    EXPECT_EQ(server.nick, "irc.test");
    EXPECT_EQ(server.host, "");
    const Source noUser("n@h");
    EXPECT_EQ(noUser.nick, "n");
    EXPECT_EQ(noUser.host, "h");
}

} // namespace
} // namespace twistdpp::irc
