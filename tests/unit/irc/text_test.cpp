#include "twistdpp/irc/line_writer.h"
#include "twistdpp/irc/tags.h"
#include "twistdpp/irc/text_split.h"

#include <gtest/gtest.h>
#include <vector>

namespace twistdpp::irc {
namespace {

TEST(IrcTags, AreReadOneByOne) {
    TagReader reader("a=1;;b;=x;+c=;d=x=y");
    std::string seen;
    for (Tag tag; reader.next(tag);)
        seen += std::string(tag.key) + "(" + std::string(tag.value) + ")" + (tag.clientOnly() ? "+" : "");
    EXPECT_EQ(seen, "a(1)b()+c()+d(x=y)");
    EXPECT_EQ(findTag("a=1;a=2", "a"), "2");
    EXPECT_EQ(findTag("a=1", "b"), std::nullopt);
    EXPECT_EQ(findTag("b", "b"), "");
}

TEST(IrcTags, EscapesAreUndoneAndMade) {
    EXPECT_EQ(unescapeTag("\\:\\s\\\\\\r\\n\\x\\"), "; \\\r\nx");
    std::string escaped;
    appendEscapedTag(escaped, "; \\\r\n");
    EXPECT_EQ(escaped, "\\:\\s\\\\\\r\\n");
    EXPECT_EQ(unescapeTag(escaped), "; \\\r\n");
}

TEST(IrcLineWriter, NothingEndsTheLineEarly) {
    LineWriter line("srv", "PRIVMSG");
    line.word("a").trailing(Bytes("x\r\nQUIT\0y", 9));
    EXPECT_EQ(line.line(), ":srv PRIVMSG a :x  QUIT y\r\n");
}

TEST(IrcLineWriter, TextIsCutAtTheLimitAndACharactersBorder) {
    LineWriter line({}, "X");
    std::string text;
    for (int i = 0; i < 400; ++i)
        text += "\xc3\xa4";
    line.trailing(text);
    EXPECT_EQ(line.body().size(), kMaxBody - 1);
    line.put("\xc3\xa4");
    EXPECT_EQ(line.body().size(), kMaxBody - 1);
    line.put("abc");
    EXPECT_EQ(line.body().size(), kMaxBody);
    EXPECT_EQ(line.line().size(), kMaxBody + 2);
}

std::vector<std::string> pieces(Bytes text, std::size_t most) {
    std::vector<std::string> out;
    forPieces(text, most, [&](Bytes piece) { out.emplace_back(piece); });
    return out;
}

TEST(IrcTextSplit, CutsAtLineEndsAndSpaces) {
    using List = std::vector<std::string>;
    EXPECT_EQ(pieces("a\r\n\nb", 10), (List{"a", "b"}));
    EXPECT_EQ(pieces("hello big world", 10), (List{"hello big", "world"}));
    EXPECT_EQ(pieces("abcdefghijkl", 5), (List{"abcde", "fghij", "kl"}));
    EXPECT_EQ(pieces("\xc3\xa4\xc3\xa4\xc3\xa4", 3), (List{"\xc3\xa4", "\xc3\xa4", "\xc3\xa4"}));
    EXPECT_EQ(pieces("", 5), List{});
}

} // namespace
} // namespace twistdpp::irc
