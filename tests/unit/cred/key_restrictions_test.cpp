#include "twistdpp/cred/key_restrictions.h"

#include <gtest/gtest.h>

namespace twistdpp {

namespace {

Address at(const char* text) {
    return *Address::parse(text, 22);
}

} // namespace

TEST(AddressInList, TakesPatternsAndNetworks) {
    EXPECT_TRUE(addressInList("192.0.2.7", at("192.0.2.7")));
    EXPECT_FALSE(addressInList("192.0.2.7", at("192.0.2.70")));
    EXPECT_TRUE(addressInList("192.0.2.*", at("192.0.2.70")));
    EXPECT_TRUE(addressInList("192.0.2.?", at("192.0.2.7")));
    EXPECT_FALSE(addressInList("192.0.2.?", at("192.0.2.70")));
    EXPECT_TRUE(addressInList("198.51.100.1, 192.0.2.0/24", at("192.0.2.70")));
    EXPECT_FALSE(addressInList("192.0.2.0/24", at("192.0.3.1")));
    EXPECT_TRUE(addressInList("2001:DB8::*", at("2001:db8::5")));
    EXPECT_TRUE(addressInList("2001:db8::/32", at("2001:db8:1::5")));
    EXPECT_FALSE(addressInList("2001:db8::/129", at("2001:db8::5")));
    EXPECT_FALSE(addressInList("0.0.0.0/0", at("2001:db8::5")));
}

TEST(AddressInList, AnExclusionWinsWhereverItStands) {
    EXPECT_FALSE(addressInList("192.0.2.*,!192.0.2.7", at("192.0.2.7")));
    EXPECT_FALSE(addressInList("!192.0.2.7,192.0.2.*", at("192.0.2.7")));
    EXPECT_TRUE(addressInList("!192.0.2.7,192.0.2.*", at("192.0.2.8")));
    EXPECT_FALSE(addressInList("!192.0.2.7", at("192.0.2.8"))) << "to exclude one is not to include the rest";
}

TEST(AddressInList, AMistakeInItLetsNobodyIn) {
    EXPECT_TRUE(addressInList("*,!192.0.2.0/24", at("192.0.3.7")));
    for (const char* list : {"*,!192.0.2.0/33", "!192.0.2/24,*", "*,!192.0.2.0/", "*,!/24", "*,192.0.2.0/x"})
        EXPECT_FALSE(addressInList(list, at("192.0.2.7"))) << list;
}

TEST(AddressInList, WhatHasNoAddressIsInNone) {
    EXPECT_FALSE(addressInList("*", Address()));
    EXPECT_FALSE(addressInList("*", Address::unixPath("/run/x")));
    EXPECT_FALSE(addressInList("", at("192.0.2.7")));
    EXPECT_FALSE(addressInList("host.example.org", at("192.0.2.7")));
}

TEST(AddressInList, ManyStarsDoNotTakeLong) {
    std::string pattern;
    for (int i = 0; i < 2000; ++i)
        pattern += "*1";
    EXPECT_FALSE(addressInList(pattern + "x", at("111.111.111.111")));
}

TEST(ExpiryTime, HasThreeLengthsAndUtc) {
    EXPECT_EQ(parseExpiryTime("19700102Z"), 86'400);
    EXPECT_EQ(parseExpiryTime("197001020001Z"), 86'460);
    EXPECT_EQ(parseExpiryTime("19700102000105Z"), 86'465);
    EXPECT_TRUE(parseExpiryTime("20300101"));
    for (const char* bad :
         {"", "Z", "2030", "20301301", "20300132", "203001012460", "2030-1-1", "20300101000", "x0300101"})
        EXPECT_FALSE(parseExpiryTime(bad)) << bad;
}

TEST(Restrictions, HoldWhenAllHold) {
    AuthorizedKey key;
    EXPECT_TRUE(restrictionsHold(key, Address(), 0));
    key.options = {{"from", "192.0.2.*"}, {"expiry-time", "19700102Z"}};
    EXPECT_TRUE(restrictionsHold(key, at("192.0.2.1"), 86'399));
    EXPECT_FALSE(restrictionsHold(key, at("192.0.2.1"), 86'400));
    EXPECT_FALSE(restrictionsHold(key, at("192.0.3.1"), 0));
    EXPECT_FALSE(restrictionsHold(key, Address(), 0)) << "an unknown peer is not let through";
    key.options = {{"expiry-time", "soon"}};
    EXPECT_FALSE(restrictionsHold(key, Address(), 0));
}

} // namespace twistdpp
