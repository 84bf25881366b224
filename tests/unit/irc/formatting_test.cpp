#include "twistdpp/irc/formatting.h"

#include <gtest/gtest.h>

namespace twistdpp::irc {
namespace {

TextStyle bold() {
    TextStyle style;
    style.bold = true;
    return style;
}

TextStyle coloured(std::optional<std::uint8_t> front, std::optional<std::uint8_t> back = {}) {
    TextStyle style;
    style.foreground = front;
    style.background = back;
    return style;
}

TEST(Formatting, IsTakenToPieces) {
    using Runs = std::vector<TextRun>;
    EXPECT_EQ(parseFormattedText("plain"), (Runs{{"plain", {}}}));
    EXPECT_EQ(
        parseFormattedText("a \x02"
                           "b\x02 c"),
        (Runs{{"a ", {}}, {"b", bold()}, {" c", {}}})
    );
    EXPECT_EQ(
        parseFormattedText("\x03"
                           "4red\x03 off"),
        (Runs{{"red", coloured(4)}, {" off", {}}})
    );
    EXPECT_EQ(
        parseFormattedText("\x03"
                           "04,12x"),
        (Runs{{"x", coloured(4, 12)}})
    );
    EXPECT_EQ(
        parseFormattedText("\x03"
                           "4,x"),
        (Runs{{",x", coloured(4)}})
    ) << "a comma that belongs to the text";
    EXPECT_EQ(
        parseFormattedText("\x03"
                           "123"),
        (Runs{{"3", coloured(12)}})
    ) << "two digits at most";
    EXPECT_EQ(
        parseFormattedText("\x03"
                           "4,5a\x03"
                           "6b"),
        (Runs{{"a", coloured(4, 5)}, {"b", coloured(6, 5)}})
    );
    EXPECT_EQ(
        parseFormattedText("\x03"
                           "4,5a\x03"
                           "99,99b"),
        (Runs{{"a", coloured(4, 5)}, {"b", {}}})
    );
    TextStyle hex;
    hex.hexForeground = 0xff8000;
    EXPECT_EQ(
        parseFormattedText("\x04"
                           "FF8000x\x04y"),
        (Runs{{"x", hex}, {"y", {}}})
    );
    EXPECT_EQ(
        parseFormattedText("\x02\x1d\x0f"
                           "x"),
        (Runs{{"x", {}}})
    );
    EXPECT_EQ(parseFormattedText("\x02"), Runs{});
}

TEST(Formatting, IsPutTogetherSoThatItReadsTheSame) {
    TextStyle all;
    all.bold = all.italic = all.underline = all.strike = all.monospace = all.reverse = true;
    TextStyle hex;
    hex.hexForeground = 0x00ff7f;
    hex.hexBackground = 0x123456;
    const std::vector<TextRun> runs{
        {"1", {}},  {"2", all}, {"3 digits", coloured(4)}, {",4", coloured({}, 5)}, {"5", coloured(1, 2)},
        {"6", hex}, {"7", {}}};
    EXPECT_EQ(parseFormattedText(assembleFormattedText(runs)), runs);
    EXPECT_EQ(
        assembleFormattedText({{"a", bold()}, {"b", {}}}), "\x02"
                                                           "a\x0f"
                                                           "b"
    );
}

TEST(Formatting, IsTakenAway) {
    EXPECT_EQ(
        stripFormatting("\x02"
                        "bold\x02 \x03"
                        "04,01red\x0f \x1funder\x1f \x04"
                        "ffffffw"),
        "bold red under w"
    );
    EXPECT_EQ(stripFormatting(""), "");
}

} // namespace
} // namespace twistdpp::irc
