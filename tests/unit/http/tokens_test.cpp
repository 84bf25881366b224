#include "twistdpp/http/tokens.h"

#include <gtest/gtest.h>

#include <string>

namespace twistdpp::http {

namespace {

std::string elements(Bytes list) {
    ListReader reader(list);
    std::string seen;
    while (const auto element = reader.next())
        seen.append(*element).append("|");
    return seen + (reader.broken() ? "broken" : "");
}

} // namespace

TEST(Tokens, AreMadeOfTheCharactersOfTheStandard) {
    int tokens = 0;
    for (int c = 0; c < 256; ++c)
        tokens += chars::is(static_cast<char>(c), chars::token);
    EXPECT_EQ(tokens, 10 + 26 + 26 + 15);
    EXPECT_TRUE(isToken("X-a_1!~"));
    EXPECT_FALSE(isToken(""));
    EXPECT_FALSE(isToken("a(b"));
    EXPECT_FALSE(isToken("a b"));
    EXPECT_FALSE(isToken("\xC3\xA4"));
}

TEST(FieldValues, HoldNoControls) {
    EXPECT_TRUE(isFieldValue(""));
    EXPECT_TRUE(isFieldValue("a \t b\xFF"));
    EXPECT_FALSE(isFieldValue("a\n"));
    EXPECT_FALSE(isFieldValue(" a"));
    EXPECT_FALSE(isFieldValue("a\t"));
}

TEST(Lists, SplitAtCommasOutsideQuotes) {
    EXPECT_EQ(elements(" a , ,b,\"c,d\" ;x=\",\\\",\",e"), "a|b|\"c,d\" ;x=\",\\\",\"|e|");
    EXPECT_EQ(elements(""), "");
    EXPECT_EQ(elements("a,\"b,c"), "a|\"b,c|broken");
}

TEST(Weights, HaveAtMostThreeDigits) {
    EXPECT_EQ(parseQuality("1"), 1000);
    EXPECT_EQ(parseQuality("1.000"), 1000);
    EXPECT_EQ(parseQuality("0.05"), 50);
    EXPECT_EQ(parseQuality("0."), 0);
    for (const Bytes bad : {"", "2", "1.001", "0.1234", ".5", "-1", "0,5", "0.x", "00"})
        EXPECT_EQ(parseQuality(bad), std::nullopt) << bad;
    EXPECT_EQ(qualityOf("level=1; Q=0.5"), 500);
    EXPECT_EQ(qualityOf("level=\";q=0\""), 1000);
    EXPECT_EQ(qualityOf("q=x"), std::nullopt);
    EXPECT_EQ(qualityOf(""), 1000);
}

} // namespace twistdpp::http
