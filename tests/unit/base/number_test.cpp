#include "twistdpp/base/number.h"

#include <cstdint>
#include <gtest/gtest.h>

namespace twistdpp {

TEST(ParseUnsigned, ReadsTheWholeText) {
    EXPECT_EQ(parseUnsigned<std::uint16_t>("8080"), 8080);
    EXPECT_EQ(parseUnsigned<std::uint16_t>("0"), 0);
    EXPECT_EQ(parseUnsigned<std::uint16_t>("007"), 7);
    EXPECT_EQ(parseUnsigned<std::uint64_t>("18446744073709551615"), 18446744073709551615ULL);
}

TEST(ParseUnsigned, ReadsOtherBases) {
    EXPECT_EQ(parseUnsigned<unsigned>("644", 8), 0644U);
    EXPECT_EQ(parseUnsigned<unsigned>("fF", 16), 255U);
    EXPECT_FALSE(parseUnsigned<unsigned>("0x10", 16));
    EXPECT_FALSE(parseUnsigned<unsigned>("8", 8));
}

TEST(ParseUnsigned, RefusesWhatIsNotOnlyDigits) {
    for (const Bytes text : {"", " 1", "1 ", "+1", "-1", "-0", "1.0", "1e3", "0x1", "one", "1\n"})
        EXPECT_FALSE(parseUnsigned<unsigned>(text)) << "'" << text << "'";
    EXPECT_FALSE(parseUnsigned<unsigned>(Bytes("1\0", 2)));
}

TEST(ParseUnsigned, RefusesWhatDoesNotFit) {
    EXPECT_EQ(parseUnsigned<std::uint16_t>("65535"), 65535);
    EXPECT_FALSE(parseUnsigned<std::uint16_t>("65536"));
    EXPECT_FALSE(parseUnsigned<std::uint64_t>("18446744073709551616"));
    EXPECT_FALSE(parseUnsigned<std::uint8_t>("256"));
}

} // namespace twistdpp
