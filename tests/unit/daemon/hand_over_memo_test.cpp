#include "twistdpp/daemon/hand_over_memo.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace twistdpp {
namespace {

using Kind = HandOver::Kind;
using testing::HasSubstr;

HandOverMemo example() {
    HandOverMemo memo;
    memo.from = 4711;
    memo.report = 9;
    memo.standard = {5, -1, 7};
    memo.items.emplace_back(Kind::stream, 12);
    memo.items.emplace_back(Kind::stream, 13).chosen = true;
    memo.items.emplace_back(Kind::datagram, 14);
    memo.items.emplace_back(Kind::lock, 15).path = "/run/with a space\nand a line.pid";
    return memo;
}

TEST(HandOverMemo, ComesBackAsItWasWritten) {
    auto read = HandOverMemo::decode(example().encode());
    ASSERT_TRUE(read);
    ASSERT_TRUE(*read);
    const HandOverMemo& memo = **read;
    EXPECT_EQ(memo.from, 4711);
    EXPECT_EQ(memo.report, 9);
    EXPECT_EQ(memo.standard, (std::array<int, 3>{5, -1, 7}));
    ASSERT_EQ(memo.items.size(), 4U);
    EXPECT_EQ(memo.items[0].kind, Kind::stream);
    EXPECT_EQ(memo.items[0].fd, 12);
    EXPECT_FALSE(memo.items[0].chosen);
    EXPECT_TRUE(memo.items[1].chosen);
    EXPECT_EQ(memo.items[2].kind, Kind::datagram);
    EXPECT_EQ(memo.items[3].kind, Kind::lock);
    EXPECT_EQ(memo.items[3].path, "/run/with a space\nand a line.pid");
}

TEST(HandOverMemo, AForeignTextIsNoMemo) {
    for (const std::string text : {"", "hello", "twistdpp"}) {
        auto read = HandOverMemo::decode(text);
        ASSERT_TRUE(read) << text;
        EXPECT_FALSE(*read) << text;
    }
}

TEST(HandOverMemo, AnotherVersionIsAnError) {
    std::string text = example().encode();
    text.replace(text.find(" 1"), 2, " 2");
    auto read = HandOverMemo::decode(text);
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().message(), HasSubstr("of version 2"));
}

TEST(HandOverMemo, EveryRecordHasToMeanSomething) {
    const std::string good = example().encode();
    for (const char* record :
         {"stream", "stream x", "stream 2", "stream 12 often", "datagram -1", "lock 12", "lock 12 ", "from x",
          "report 9999999999", "standard 1 2", "standard 1 2 3 4", "socket 5", "", "stream 12 chosen more"}) {
        auto read = HandOverMemo::decode(good + record + std::string(1, '\0'));
        ASSERT_FALSE(read) << record;
        EXPECT_THAT(read.error().message(), HasSubstr("'" + std::string(record) + "'"));
    }
}

TEST(HandOverMemo, SaysWhomToReportTo) {
    HandOverMemo memo = example();
    memo.report = 2;
    EXPECT_FALSE(HandOverMemo::decode(memo.encode()));
    memo = example();
    memo.from = 0;
    EXPECT_FALSE(HandOverMemo::decode(memo.encode()));
}

TEST(HandOverMemo, WhatIsCutOffIsNoReasonToFall) {
    const std::string good = example().encode();
    for (std::size_t size = 0; size < good.size(); ++size)
        static_cast<void>(HandOverMemo::decode(Bytes(good).substr(0, size)));
}

} // namespace
} // namespace twistdpp
