#include "twistdpp/mail_dialogue/line_sender.h"

#include <gtest/gtest.h>

namespace twistdpp::mail {
namespace {

std::string sent(Bytes text, std::uint64_t lines = LineSender::kAll) {
    std::string whole;
    for (std::size_t step = text.size() + 1; step > 0; --step) {
        LineSender sender(lines);
        std::string out;
        for (Bytes rest = text; !rest.empty(); rest.remove_prefix(std::min(step, rest.size())))
            out += sender.next(rest.substr(0, step));
        out += sender.end();
        if (whole.empty())
            whole = out;
        EXPECT_EQ(out, whole) << "cut into pieces of " << step;
    }
    return whole;
}

TEST(LineSender, EndsInOneWayHoweverTheMessageDoes) {
    EXPECT_EQ(sent("a\n"), "a\r\n.\r\n");
    EXPECT_EQ(sent("a"), "a\r\n.\r\n");
    EXPECT_EQ(sent("a\r\n.\r\n..b"), "a\r\n..\r\n...b\r\n.\r\n");
    EXPECT_EQ(sent(""), ".\r\n");
    EXPECT_EQ(sent("a\r"), "a\r\n.\r\n");
    EXPECT_EQ(sent("\r"), "\r\n.\r\n");
}

TEST(LineSender, NothingStandsAloneThatOthersTakeForALinesEnd) {
    EXPECT_EQ(sent("a\r.\rb"), "a\r\n..\r\nb\r\n.\r\n");
    EXPECT_EQ(sent("a\n.\nb"), "a\r\n..\r\nb\r\n.\r\n");
    EXPECT_EQ(sent("a\r\r\nb\n"), "a\r\n\r\nb\r\n.\r\n");
}

TEST(LineSender, TheBeginningOfABody) {
    const Bytes text = "Subject: x\n\none\ntwo\n";
    EXPECT_EQ(sent(text, 0), "Subject: x\r\n\r\n.\r\n");
    EXPECT_EQ(sent(text, 1), "Subject: x\r\n\r\none\r\n.\r\n");
    EXPECT_EQ(sent(text, 9), "Subject: x\r\n\r\none\r\ntwo\r\n.\r\n");
    EXPECT_EQ(sent("Subject: x", 0), "Subject: x\r\n.\r\n");
}

} // namespace
} // namespace twistdpp::mail
