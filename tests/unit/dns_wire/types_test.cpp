#include "twistdpp/dns_wire/types.h"

#include "twistdpp/base/ascii.h"

#include <gtest/gtest.h>

namespace twistdpp::dns {
namespace {

TEST(Types, EveryTypeComesBackInEitherCase) {
    unsigned named = 0;
    for (unsigned number = 0; number < 65536; ++number) {
        const auto type = static_cast<Type>(number);
        const std::string text = typeText(type);
        named += text.substr(0, 4) != "TYPE" ? 1 : 0;
        EXPECT_EQ(typeFromText(text), type) << text;
        EXPECT_EQ(typeFromText(ascii::toLower(text)), type) << text;
    }
    EXPECT_GT(named, 80U);
    EXPECT_EQ(typeFromText("TYPE1"), Type::A);
    EXPECT_EQ(typeText(static_cast<Type>(65280)), "TYPE65280");
}

TEST(Types, RefusesWhatIsNoType) {
    for (const Bytes text :
         {"", "B", "AA", "TYPE", "TYPE65536", "TYPE-1", "TYPE1x", " A", "NSEC3PARAMS", "AVERYLONGWORDINDEED"})
        EXPECT_EQ(typeFromText(text), std::nullopt) << text;
    EXPECT_EQ(typeFromText(Bytes("A\0", 2)), std::nullopt);
}

TEST(Types, Classes) {
    for (const unsigned number : {1U, 3U, 4U, 254U, 255U, 4711U}) {
        const auto type = static_cast<Class>(number);
        EXPECT_EQ(classFromText(classText(type)), type);
        EXPECT_EQ(classFromText(ascii::toLower(classText(type))), type);
    }
    EXPECT_EQ(classText(static_cast<Class>(4711)), "CLASS4711");
    EXPECT_EQ(classFromText("CLASS"), std::nullopt);
    EXPECT_EQ(classFromText("INN"), std::nullopt);
}

TEST(Types, Codes) {
    EXPECT_EQ(rcodeText(Rcode::nxDomain), "NXDOMAIN");
    EXPECT_EQ(rcodeText(static_cast<Rcode>(4000)), "RCODE4000");
    EXPECT_EQ(opcodeText(Opcode::update), "UPDATE");
    EXPECT_EQ(opcodeText(static_cast<Opcode>(9)), "OPCODE9");
    EXPECT_TRUE(isMetaType(Type::OPT));
    EXPECT_TRUE(isMetaType(Type::ANY));
    EXPECT_FALSE(isMetaType(Type::URI));
}

} // namespace
} // namespace twistdpp::dns
