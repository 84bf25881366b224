#include "twistdpp/base/ascii.h"

#include <gtest/gtest.h>

namespace twistdpp::ascii {

TEST(Ascii, ChangesTheCaseOfLettersOnly) {
    EXPECT_EQ(toLower("Content-TYPE [@`{] 09\xC4"), "content-type [@`{] 09\xC4");
    EXPECT_EQ(upper('a'), 'A');
    EXPECT_EQ(upper('{'), '{');
    EXPECT_EQ(lower('@'), '@');
    EXPECT_EQ(lower('['), '[');
}

TEST(Ascii, ComparesWithoutCase) {
    EXPECT_TRUE(equalsIgnoreCase("Keep-Alive", "keep-alive"));
    EXPECT_TRUE(equalsIgnoreCase("", ""));
    EXPECT_FALSE(equalsIgnoreCase("keep", "keep-alive"));
    EXPECT_FALSE(equalsIgnoreCase("[", "{"));
    EXPECT_FALSE(equalsIgnoreCase("\xC4", "\xE4"));
}

TEST(Ascii, KnowsDigitsAndLetters) {
    int digits = 0, letters = 0, hex = 0;
    for (int i = 0; i < 256; ++i) {
        const char c = static_cast<char>(i);
        digits += isDigit(c);
        letters += isAlpha(c);
        hex += hexValue(c) >= 0;
    }
    EXPECT_EQ(digits, 10);
    EXPECT_EQ(letters, 52);
    EXPECT_EQ(hex, 22);
    EXPECT_EQ(hexValue('0'), 0);
    EXPECT_EQ(hexValue('f'), 15);
    EXPECT_EQ(hexValue('A'), 10);
    EXPECT_EQ(hexValue('g'), -1);
}

TEST(Ascii, TrimsBothEnds) {
    EXPECT_EQ(trim(" \t a b \t"), "a b");
    EXPECT_EQ(trim("   "), "");
    EXPECT_EQ(trim(""), "");
    EXPECT_EQ(trim("\r\nx\r\n", "\r\n"), "x");
    EXPECT_EQ(trim("\nx"), "\nx");
}

TEST(Ascii, CutsAtASeparator) {
    Bytes text = "a:b::c";
    EXPECT_EQ(cut(text, ':'), "a");
    EXPECT_EQ(cut(text, ':'), "b");
    EXPECT_EQ(cut(text, ':'), "");
    EXPECT_EQ(cut(text, ':'), "c");
    EXPECT_TRUE(text.empty());
    EXPECT_EQ(cut(text, ':'), "");
}

} // namespace twistdpp::ascii
