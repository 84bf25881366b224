#include "twistdpp/tls/plaintext_sniffer.h"
#include "twistdpp/tls/sni_map.h"
#include "twistdpp/tls/ticket_keys.h"

#include <gtest/gtest.h>

namespace twistdpp::detail {
namespace {

using Verdict = PlaintextSniffer::Verdict;

TEST(SniMap, PrefersExactNamesToWildcardsOfOneLabel) {
    SniMap map;
    map.add("*.example.org", 1);
    map.add("www.Example.org", 2);
    const auto first = [&](Bytes name) { return map.find(name) ? map.find(name)->front() : SniMap::kNone; };
    EXPECT_EQ(first("www.example.org"), 2U);
    EXPECT_EQ(first("WWW.EXAMPLE.ORG."), 2U);
    EXPECT_EQ(first("mail.example.org"), 1U);
    EXPECT_EQ(first("example.org"), SniMap::kNone);
    EXPECT_EQ(first("a.b.example.org"), SniMap::kNone);
    EXPECT_EQ(first(""), SniMap::kNone);
    EXPECT_EQ(first("."), SniMap::kNone);
    EXPECT_EQ(first(".example.org"), SniMap::kNone);
}

TEST(SniMap, KnowsWhatANameIs) {
    for (const Bytes good : {"localhost", "example.org", "*.example.org", "example.org.", "a_b.example"})
        EXPECT_TRUE(SniMap::valid(good)) << good;
    for (const Bytes bad : {"", "*", "*.", ".", "a..b", "a b", "*.*.org", "www.*.org", "a/b"})
        EXPECT_FALSE(SniMap::valid(bad)) << bad;
    EXPECT_FALSE(SniMap::valid(std::string(64, 'a') + ".org"));
}

class TicketKeysTest : public testing::Test {
protected:
    static constexpr Duration kHour = std::chrono::hours(1);
    bool known(const TicketKey& key) {
        return keys.find(std::span<const unsigned char, 16>(key.name), now).has_value();
    }
    TicketKeys keys{kHour};
    TimePoint now{};
};

TEST_F(TicketKeysTest, OneKeyServesForOneRotationAndDecryptsForTwo) {
    const TicketKey first = *keys.newest(now);
    now += kHour - Duration(1);
    EXPECT_EQ(keys.newest(now)->name, first.name);
    now += Duration(1);
    const TicketKey second = *keys.newest(now);
    EXPECT_NE(second.name, first.name);
    EXPECT_NE(second.cipher, first.cipher);
    EXPECT_TRUE(keys.find(std::span<const unsigned char, 16>(first.name), now)->renew);
    EXPECT_FALSE(keys.find(std::span<const unsigned char, 16>(second.name), now)->renew);
    now += kHour;
    EXPECT_FALSE(known(first));
    EXPECT_TRUE(known(second)); // although nobody has asked for a newer one
    now += kHour;
    EXPECT_FALSE(known(second));
}

TEST_F(TicketKeysTest, RotatingByHandKeepsTwo) {
    const TicketKey first = *keys.newest(now);
    keys.rotate(now);
    EXPECT_TRUE(known(first));
    keys.rotate(now);
    EXPECT_FALSE(known(first));
}

TEST(PlaintextSniffer, KnowsTlsByItsFirstByte) {
    PlaintextSniffer sniffer;
    EXPECT_EQ(sniffer.look("\x16"), Verdict::tls);
    PlaintextSniffer binary;
    EXPECT_EQ(binary.look("\x80\x2e"), Verdict::tls); // no text: let TLS say what is wrong
}

TEST(PlaintextSniffer, CollectsTheFirstLine) {
    PlaintextSniffer sniffer;
    EXPECT_EQ(sniffer.look("GE"), Verdict::undecided);
    EXPECT_EQ(sniffer.look("T /\x1b HTTP/1.0\r\nHost"), Verdict::plaintext);
    EXPECT_EQ(sniffer.text(), "GET /\x1b HTTP/1.0\r\nHost");
    EXPECT_EQ(sniffer.excerpt(), "GET /? HTTP/1.0");
}

TEST(PlaintextSniffer, CollectsNoMoreThanOneKilobyte) {
    PlaintextSniffer sniffer;
    EXPECT_EQ(sniffer.look(std::string(1023, 'a')), Verdict::undecided);
    EXPECT_EQ(sniffer.look(std::string(5'000, 'a')), Verdict::plaintext);
    EXPECT_EQ(sniffer.text().size(), 1024U);
    EXPECT_EQ(sniffer.excerpt(), std::string(60, 'a') + "...");
}

} // namespace
} // namespace twistdpp::detail
