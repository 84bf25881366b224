#include "twistdpp/dns_transfer/zone_store.h"

#include "support/dns_zone_text.h"
#include "support/scratch_folder.h"
#include "twistdpp/dns_transfer/zone_difference.h"

#include <filesystem>
#include <gtest/gtest.h>
#include <set>

namespace twistdpp::dns {
namespace {

const char* const kZone = R"($TTL 300
@     SOA ns1 host\.master 7 3600 900 604800 60
      NS  ns1
ns1   A   192.0.2.1
*.w   60 TXT "a;b" "quo\"te" "\000\255"
svc   HTTPS 1 . alpn="h2,h3" ipv4hint=192.0.2.1
un    TYPE65280 \# 3 010203
a\.b  AAAA 2001:db8::1
)";

class ZoneStoreTest : public testing::Test {
protected:
    test::ScratchFolder folder_;
    ZoneStore store_{folder_.path() + "/copies"};
};

TEST_F(ZoneStoreTest, givesBackWhatItWasGiven) {
    ASSERT_TRUE(store_.prepare().ok());
    const auto zone = zoneFromText("a.test.", kZone);
    ASSERT_TRUE(store_.save(*zone, 1'700'000'000).ok());
    const auto copy = store_.load(zone->origin());
    ASSERT_TRUE(copy.ok()) << copy.error().message();
    EXPECT_EQ(copy->checked, 1'700'000'000U);
    EXPECT_EQ(copy->zone->records(), zone->records());
    // The same but for the serial: nothing else is removed or added.
    const auto later =
        zoneFromText("a.test.", std::string(kZone).replace(std::string(kZone).find(" 7 "), 3, " 8 "));
    const auto difference = differenceOf(*copy->zone, *later);
    ASSERT_NE(difference, nullptr);
    EXPECT_EQ(difference->records(), 2U);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path() + "/copies"), {}), 1);
}

TEST_F(ZoneStoreTest, remembersTheLastCheck) {
    ASSERT_TRUE(store_.prepare().ok());
    const auto zone = zoneFromText("a.test.", kZone);
    ASSERT_TRUE(store_.save(*zone, 1000).ok());
    ASSERT_TRUE(store_.touch(zone->origin(), 2000).ok());
    EXPECT_EQ(store_.load(zone->origin())->checked, 2000U);
}

TEST_F(ZoneStoreTest, saysWhatIsWrong) {
    const Name origin = Name::parse("a.test.").value();
    const auto missing = store_.load(origin);
    ASSERT_FALSE(missing.ok());
    EXPECT_EQ(missing.error().code(), std::errc::no_such_file_or_directory);
    const auto zone = zoneFromText("a.test.", kZone);
    EXPECT_FALSE(store_.save(*zone, 1).ok()) << "there is no directory";
    ASSERT_TRUE(store_.prepare().ok());
    folder_.write("copies/a.test.zone", "what is this?\n");
    const auto bad = store_.load(origin);
    ASSERT_FALSE(bad.ok());
    EXPECT_NE(bad.error().message().find("a.test.zone"), std::string::npos);
    EXPECT_FALSE(ZoneStore("/proc/nothing").prepare().ok());
}

TEST_F(ZoneStoreTest, namesFilesSafely) {
    const auto fileOf = [&](const std::string& zone) {
        return store_.path(Name::parse(zone).value()).substr(folder_.path().size() + 8);
    };
    EXPECT_EQ(fileOf("Example.COM."), "example.com.zone");
    EXPECT_EQ(fileOf("."), "%2E.zone");
    EXPECT_EQ(fileOf("0/25.2.0.192.in-addr.arpa."), "0%2F25.2.0.192.in-addr.arpa.zone");
    EXPECT_EQ(fileOf("\\.\\.."), "%5C.%5C..zone");
    const std::string label(60, 'x');
    std::set<std::string> names;
    for (const std::string last : {"a", "b"}) {
        const std::string name = fileOf(label + "." + label + "." + label + "." + label + "." + last + ".");
        EXPECT_LT(name.size(), 240U);
        names.insert(name);
    }
    EXPECT_EQ(names.size(), 2U);
}

} // namespace
} // namespace twistdpp::dns
