#include "twistdpp/base/hex.h"

#include <gtest/gtest.h>

namespace twistdpp {

TEST(Hex, SpellsBytesInLowerCase) {
    EXPECT_EQ(toHex(Bytes("\x00\x7f\xff\xa5", 4)), "007fffa5");
    EXPECT_EQ(toHex(""), "");
}

TEST(Hex, ReadsEitherCase) {
    EXPECT_EQ(fromHex("007FffA5"), std::string("\x00\x7f\xff\xa5", 4));
    EXPECT_EQ(fromHex(""), "");
}

TEST(Hex, RefusesAllElse) {
    for (const Bytes text : {"0", "0g", "g0", "0x00", " 00", "00 ", "0:0", "+0"})
        EXPECT_FALSE(fromHex(text)) << text;
}

TEST(Hex, EveryByteComesBack) {
    std::string all;
    for (int i = 0; i < 256; ++i)
        all += static_cast<char>(i);
    EXPECT_EQ(fromHex(toHex(all)), all);
}

} // namespace twistdpp
