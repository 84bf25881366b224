#include "twistdpp/smtp/data_reader.h"

#include <gtest/gtest.h>
#include <string>

// The end of a message and nothing else is its end, however the bytes are cut (mail smuggling).

namespace twistdpp::smtp {
namespace {

using namespace std::string_literals;

struct Read {
    std::string message;
    bool ended = false, malformed = false;
    std::size_t used = 0;
};

Read read(const std::string& text, std::size_t step, bool dots = true) {
    DataReader reader(dots);
    Read out;
    for (Bytes rest = text; !rest.empty() && !reader.ended();) {
        const Bytes part = rest.substr(0, step);
        const std::size_t used = reader.read(part, [&](Bytes bytes) { out.message.append(bytes); });
        out.used += used;
        rest.remove_prefix(used);
        if (!reader.ended() && used != part.size())
            ADD_FAILURE() << "not all was read";
    }
    out.ended = reader.ended();
    out.malformed = reader.malformed();
    EXPECT_EQ(reader.size(), out.message.size());
    return out;
}

/// The same however it is cut.
Read read(const std::string& text) {
    const Read whole = read(text, text.size());
    for (std::size_t step = 1; step < text.size(); ++step) {
        const Read cut = read(text, step);
        EXPECT_EQ(cut.message, whole.message) << step;
        EXPECT_EQ(cut.ended, whole.ended) << step;
        EXPECT_EQ(cut.malformed, whole.malformed) << step;
        EXPECT_EQ(cut.used, whole.used) << step;
    }
    return whole;
}

TEST(DataReader, TheEndIsADotAlone) {
    const Read got = read("a\r\nb\r\n.\r\nQUIT\r\n");
    EXPECT_EQ(got.message, "a\r\nb\r\n");
    EXPECT_TRUE(got.ended);
    EXPECT_FALSE(got.malformed);
    EXPECT_EQ(got.used, 9U) << "what follows is not the message's";
    EXPECT_EQ(read(".\r\n").message, "") << "an empty message";
    EXPECT_TRUE(read(".\r\n").ended);
}

TEST(DataReader, OneDotIsTakenAway) {
    EXPECT_EQ(read("..\r\n...a\r\n.b\r\nc.\r\n.\r\n").message, ".\r\n..a\r\nb\r\nc.\r\n");
}

TEST(DataReader, NothingElseEndsIt) {
    for (const std::string& trick : {
             "a\n.\n"s,
             "a\n.\r\n"s,
             "a\r\n.\n"s,
             "a\r\n.\r\r\n"s,
             "a\r.\r"s,
             "a\r.\r\n"s,
             "a\r\n.\r"s,
             "a\r\n\0.\r\n"s,
             "a\r\n.\0\r\n"s,
             "a\r\n.\r.\r\n"s,
         }) {
        const Read got = read(trick + "MAIL FROM:<evil@x>\r\n.\r\n");
        EXPECT_TRUE(got.malformed) << trick;
        EXPECT_TRUE(got.ended) << trick;
        EXPECT_EQ(got.used, trick.size() + 23) << "the hidden command is a part of the message: " << trick;
    }
}

TEST(DataReader, CrAndLfAloneAndNulAreNoted) {
    EXPECT_TRUE(read("a\rb\r\n.\r\n").malformed);
    EXPECT_TRUE(read("a\nb\r\n.\r\n").malformed);
    EXPECT_TRUE(read("a\r\r\n.\r\n").malformed);
    EXPECT_TRUE(read("a\0b\r\n.\r\n"s).malformed);
    EXPECT_TRUE(read("\n.\r\n").malformed);
    EXPECT_FALSE(read("\r\n\r\n\t \x7f\xff\r\n.\r\n").malformed);
}

TEST(DataReader, WithoutDotsNothingIsTakenAway) {
    const Read got = read(".\r\n..\r\n", 3, false);
    EXPECT_EQ(got.message, ".\r\n..\r\n");
    EXPECT_FALSE(got.ended);
    EXPECT_TRUE(read("a\nb", 1, false).malformed);
}

} // namespace
} // namespace twistdpp::smtp
