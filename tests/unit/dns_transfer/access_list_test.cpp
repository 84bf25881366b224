#include "twistdpp/dns_transfer/access_list.h"

#include <gtest/gtest.h>

namespace twistdpp::dns {
namespace {

Address at(const char* text) {
    return Address::parse(text, 4000).value();
}

AccessList listOf(std::vector<std::string> rules) {
    auto list = AccessList::parse(rules);
    EXPECT_TRUE(list.ok());
    return *std::move(list);
}

const Name kKey = Name::parse("one.key.").value(), kOther = Name::parse("other.key.").value();

TEST(AccessList, letsNobodyInWithoutARule) {
    const AccessList list = listOf({});
    EXPECT_TRUE(list.empty());
    EXPECT_FALSE(list.allows(at("127.0.0.1"), {}));
    EXPECT_FALSE(list.allows(at("127.0.0.1"), kKey));
}

TEST(AccessList, knowsAddressesAndNetworks) {
    const AccessList list = listOf({"192.0.2.1", "10.0.0.0/8", "2001:db8::/32"});
    EXPECT_TRUE(list.allows(at("192.0.2.1"), {}));
    EXPECT_FALSE(list.allows(at("192.0.2.2"), {}));
    EXPECT_TRUE(list.allows(at("10.255.0.1"), {}));
    EXPECT_TRUE(list.allows(at("2001:db8::7"), {}));
    EXPECT_FALSE(list.allows(at("2001:db9::7"), {}));
    // Who signs although nobody asked is no worse.
    EXPECT_TRUE(list.allows(at("192.0.2.1"), kKey));
}

TEST(AccessList, knowsKeysFromAnywhereAndFromNetworks) {
    const AccessList list = listOf({"@ONE.key", "192.0.2.0/24@other.key"});
    EXPECT_TRUE(list.allows(at("198.51.100.1"), kKey));
    EXPECT_FALSE(list.allows(at("198.51.100.1"), {}));
    EXPECT_FALSE(list.allows(at("198.51.100.1"), kOther));
    EXPECT_TRUE(list.allows(at("192.0.2.9"), kOther));
    EXPECT_FALSE(list.allows(at("192.0.2.9"), {}));
    EXPECT_EQ(list.keys(), (std::vector<Name>{kKey, kOther}));
}

TEST(AccessList, saysWhatIsWrongWithARule) {
    for (const auto& [rule, why] : std::vector<std::pair<std::string, std::string>>{
             {"example.com", "not a network"},
             {"10.0.0.0/33", "width"},
             {"10.0.0.1@", "names no key"},
             {"@", "names no key"},
             {"@a..b", "'@a..b'"},
             {"", "not a network"}}) {
        const auto list = AccessList::parse({&rule, 1});
        ASSERT_FALSE(list.ok()) << rule;
        EXPECT_NE(list.error().message().find(why), std::string::npos) << list.error().message();
    }
}

} // namespace
} // namespace twistdpp::dns
