#include "twistdpp/smtp/header_completer.h"

#include <gtest/gtest.h>

namespace twistdpp::smtp {
namespace {

/// What comes of a message, which is the same however it is cut.
std::string completed(Bytes message) {
    std::string first;
    for (std::size_t step = 1; step <= message.size() + 1; ++step) {
        HeaderCompleter completer("DATE", "<ID>");
        std::string out;
        for (Bytes rest = message; !rest.empty(); rest.remove_prefix(std::min(step, rest.size())))
            completer.read(rest.substr(0, step), out);
        completer.end(out);
        if (step == 1)
            first = out;
        EXPECT_EQ(out, first) << "in steps of " << step;
    }
    return first;
}

TEST(HeaderCompleterTest, WhatIsMissingIsPutIn) {
    EXPECT_EQ(
        completed("Subject: x\r\n\r\nbody\r\n"),
        "Subject: x\r\nDate: DATE\r\nMessage-ID: <ID>\r\n\r\nbody\r\n"
    );
    EXPECT_EQ(
        completed("DATE: now\r\nmessage-id: <1>\r\n\r\nDate: x\r\n"),
        "DATE: now\r\nmessage-id: <1>\r\n\r\nDate: x\r\n"
    );
    EXPECT_EQ(completed("Date: now\r\n"), "Date: now\r\nMessage-ID: <ID>\r\n");
    EXPECT_EQ(completed("\r\nbody\r\n"), "Date: DATE\r\nMessage-ID: <ID>\r\n\r\nbody\r\n");
    EXPECT_EQ(completed(""), "Date: DATE\r\nMessage-ID: <ID>\r\n");
}

TEST(HeaderCompleterTest, NobodySeesWhoElseGotIt) {
    EXPECT_EQ(
        completed("Date: x\r\nBcc: joe@x,\r\n\tann@x\r\nMessage-ID: y\r\nbcc : z@x\r\nX: Bcc: 1\r\n\r\nBcc: "
                  "body\r\n"),
        "Date: x\r\nMessage-ID: y\r\nX: Bcc: 1\r\n\r\nBcc: body\r\n"
    );
}

TEST(HeaderCompleterTest, ABodyWithoutTheEmptyLineGetsOne) {
    EXPECT_EQ(
        completed("Date: x\r\nMessage-ID: y\r\njust text\r\nBcc: z\r\n"),
        "Date: x\r\nMessage-ID: y\r\n\r\njust text\r\nBcc: z\r\n"
    );
    const std::string lengthy(500, 'a');
    EXPECT_EQ(completed(lengthy), "Date: DATE\r\nMessage-ID: <ID>\r\n\r\n" + lengthy);
}

} // namespace
} // namespace twistdpp::smtp
