#include "twistdpp/dns_transfer/transfer_settings.h"

#include "support/scratch_folder.h"

#include <gtest/gtest.h>

namespace twistdpp::dns {
namespace {

TEST(SecondaryRule, hasAnAddressAZoneAndPerhapsAPortAndAKey) {
    const auto plain = SecondaryRule::parse("192.0.2.1/example.com").value();
    EXPECT_EQ(plain.primary.address.toString(), "192.0.2.1:53");
    EXPECT_EQ(plain.zone.toString(), "example.com.");
    EXPECT_FALSE(plain.primary.key);
    const auto full = SecondaryRule::parse("[2001:db8::1]:5353/2.0.192.in-addr.arpa@the.key").value();
    EXPECT_EQ(full.primary.address.toString(), "[2001:db8::1]:5353");
    EXPECT_EQ(full.primary.key->toString(), "the.key.");
    EXPECT_EQ(SecondaryRule::parse("2001:db8::1/a").value().primary.address.toString(), "[2001:db8::1]:53");
    EXPECT_EQ(
        SecondaryRule::parse("192.0.2.1:99/0/25.2.0.192.in-addr.arpa").value().zone.toString(),
        "0/25.2.0.192.in-addr.arpa."
    );
    EXPECT_TRUE(SecondaryRule::parse("192.0.2.1/.").value().zone.isRoot());
}

TEST(SecondaryRule, saysWhatIsWrong) {
    for (const auto& [text, why] : std::vector<std::pair<std::string, std::string>>{
             {"192.0.2.1", "form IP[:PORT]/ZONE"},
             {"primary.test/zone", "'primary.test' is no IP address"},
             {"192.0.2.1:0/zone", "'0' is no port"},
             {"192.0.2.1:70000/zone", "'70000' is no port"},
             {"[::1/zone", "'['"},
             {"192.0.2.1/", "names no zone"},
             {"192.0.2.1/zone@", "no key behind the '@'"},
             {"192.0.2.1/a..b", "label"}}) {
        const auto rule = SecondaryRule::parse(text);
        ASSERT_FALSE(rule.ok()) << text;
        EXPECT_NE(rule.error().message().find(why), std::string::npos) << rule.error().message();
    }
}

class TransferSettingsTest : public testing::Test {
protected:
    TransferSettings::Texts texts() const {
        TransferSettings::Texts made;
        made.keysFile =
            folder_.write("keys", "key \"k\" { algorithm hmac-sha256; secret \"c2VjcmV0IHNlY3JldA==\"; };\n");
        return made;
    }
    test::ScratchFolder folder_;
};

TEST_F(TransferSettingsTest, gathersThePrimariesOfAZone) {
    TransferSettings::Texts given = texts();
    given.secondary = {"192.0.2.1/a.test@k", "192.0.2.2/A.test", "192.0.2.2/a.test.", "192.0.2.1/b.test"};
    given.notify = {"192.0.2.5", "192.0.2.5:53", "192.0.2.6@k"};
    const auto made = TransferSettings::make(given).value();
    ASSERT_EQ(made->secondaries.size(), 2U);
    const SecondarySource* const zone = made->secondary(Name::parse("a.TEST.").value());
    ASSERT_NE(zone, nullptr);
    EXPECT_EQ(zone->primaries.size(), 2U);
    EXPECT_NE(made->key(zone->primaries[0].key), nullptr);
    EXPECT_EQ(made->key(zone->primaries[1].key), nullptr);
    EXPECT_EQ(made->notify.size(), 2U);
    EXPECT_EQ(made->secondary(Name::parse("c.test.").value()), nullptr);
}

TEST_F(TransferSettingsTest, wantsEveryKeyThatIsNamed) {
    const auto problem = [](const TransferSettings::Texts& given) {
        const auto made = TransferSettings::make(given);
        return made ? std::string("none") : made.error().message();
    };
    TransferSettings::Texts given = texts();
    given.secondary = {"192.0.2.1/a.test@nobody"};
    EXPECT_EQ(problem(given), "option --secondary: there is no key 'nobody' in " + given.keysFile);
    given = texts();
    given.notify = {"192.0.2.1@nobody"};
    EXPECT_EQ(problem(given), "option --notify: there is no key 'nobody' in " + given.keysFile);
    given = TransferSettings::Texts();
    given.allow = {"@nobody"};
    EXPECT_EQ(problem(given), "option --allow-transfer: there is no key 'nobody' (no --tsig-keys are given)");
    given.keysFile = folder_.path() + "/missing";
    EXPECT_NE(problem(given).find("option --tsig-keys"), std::string::npos);
}

} // namespace
} // namespace twistdpp::dns
