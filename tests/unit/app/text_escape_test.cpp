#include "twistdpp/app/text_escape.h"

#include <gtest/gtest.h>

namespace twistdpp {
namespace {

std::string escaped(Bytes text) {
    std::string out;
    appendEscaped(out, text);
    return out;
}
std::string json(Bytes text) {
    std::string out;
    appendJsonString(out, text);
    return out;
}

TEST(TextEscape, KeepsALineOneLineAndTerminalsUnsteered) {
    EXPECT_EQ(escaped("GET /\r\nX: y\t\x1b[2J\x7f"), "GET /\\r\\nX: y\\t\\x1b[2J\\x7f");
    EXPECT_EQ(escaped(Bytes("a\0b", 3)), "a\\x00b");
    EXPECT_EQ(
        escaped("\xC2\x9B"
                "2J"),
        "\\xc2\\x9b2J"
    ) << "the eight-bit control sequence introducer";
}

TEST(TextEscape, LeavesUtf8AndEscapesOtherBytes) {
    EXPECT_EQ(escaped("f\xC3\xBC\xE2\x82\xAC\xF0\x9F\x90\x8D"), "f\xC3\xBC\xE2\x82\xAC\xF0\x9F\x90\x8D");
    EXPECT_EQ(escaped("\xFF\xC3("), "\\xff\\xc3(");
    EXPECT_EQ(escaped("\xED\xA0\x80"), "\\xed\\xa0\\x80") << "a surrogate";
    EXPECT_EQ(escaped("\xC0\xAF"), "\\xc0\\xaf") << "an overlong slash";
}

TEST(TextEscape, MakesJsonStrings) {
    EXPECT_EQ(json("a\"b\\c\n\x01"), "\"a\\\"b\\\\c\\n\\u0001\"");
    EXPECT_EQ(json("\xFF"), "\"\\\\xff\"") << "JSON must be UTF-8, so the byte is spelled out";
}

} // namespace
} // namespace twistdpp
