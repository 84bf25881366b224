#include "twistdpp/irc/message.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace twistdpp::irc {
namespace {

std::vector<std::string> params(Bytes line) {
    Message message;
    EXPECT_EQ(parseMessage(line, message), ParseStatus::ok) << line;
    return {message.params.begin(), message.params.begin() + message.count};
}

using Words = std::vector<std::string>;

TEST(IrcMessage, TakesALineToPieces) {
    Message message;
    ASSERT_EQ(parseMessage("@a=1;+b :nick!u@h PRIVMSG #c :hello there", message), ParseStatus::ok);
    EXPECT_EQ(message.tags, "a=1;+b");
    EXPECT_EQ(message.source, "nick!u@h");
    EXPECT_EQ(message.command, "PRIVMSG");
    EXPECT_EQ(message.param(0), "#c");
    EXPECT_EQ(message.last(), "hello there");
    EXPECT_EQ(message.count, 2);
    EXPECT_EQ(message.param(2), "");
}

TEST(IrcMessage, AnyNumberOfSpacesSeparates) {
    EXPECT_EQ(params("  JOIN   #a   key  "), (Words{"#a", "key"}));
    EXPECT_EQ(params(":me   NICK   you"), (Words{"you"}));
    EXPECT_EQ(params("@t   NICK you"), (Words{"you"}));
}

TEST(IrcMessage, TheLastParameterIsTheSameWithAndWithoutAColon) {
    EXPECT_EQ(params("TOPIC #a tea"), params("TOPIC #a :tea"));
    EXPECT_EQ(params("TOPIC #a :"), (Words{"#a", ""}));
    EXPECT_EQ(params("TOPIC #a ::)"), (Words{"#a", ":)"}));
    EXPECT_EQ(params("TOPIC #a a:b"), (Words{"#a", "a:b"}));
}

TEST(IrcMessage, TheFifteenthParameterTakesTheRest) {
    EXPECT_EQ(params("X 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 :17").size(), kMaxParams);
    EXPECT_EQ(params("X 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 :17").back(), "15 16 :17");
}

TEST(IrcMessage, WhatIsNoMessageIsRefused) {
    Message message;
    for (const Bytes bad :
         {Bytes("a\0b", 3), Bytes("a\rb"), Bytes("a\nb"), Bytes(":only"), Bytes("12 x"), Bytes("1a2 x"),
          Bytes("@tags"), Bytes("@tags "), Bytes(": "), Bytes("\x01 x")})
        EXPECT_EQ(parseMessage(bad, message), ParseStatus::malformed) << bad;
    EXPECT_EQ(parseMessage("", message), ParseStatus::empty);
    EXPECT_EQ(parseMessage("   ", message), ParseStatus::empty);
}

TEST(IrcMessage, TagsHaveALimitOfTheirOwn) {
    Message message;
    const std::string most = "@" + std::string(kMaxClientTags - 2, 'a') + " PING x";
    EXPECT_EQ(parseMessage(most, message), ParseStatus::ok);
    EXPECT_EQ(parseMessage("@a" + most.substr(1), message), ParseStatus::tagsTooLong);
    EXPECT_EQ(parseMessage("@a" + most.substr(1), message, kMaxTags), ParseStatus::ok);
}

TEST(IrcMessage, ALongBodyIsCutAtACharactersBorder) {
    const std::string start = "PRIVMSG a :";
    // The euro sign is three bytes long.
    std::string text;
    while (start.size() + text.size() < 600)
        text += "\xe2\x82\xac";
    const std::string got = params(start + text).back();
    EXPECT_EQ(got.size() % 3, 0U);
    EXPECT_LE(start.size() + got.size(), kMaxBody);
    EXPECT_GT(start.size() + got.size(), kMaxBody - 3);
    EXPECT_EQ(params(start + std::string(600, 'x')).back().size(), kMaxBody - start.size());
}

} // namespace
} // namespace twistdpp::irc
