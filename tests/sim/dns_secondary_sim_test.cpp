// layers: dns_transfer
#include "sim/dns_primary.h"
#include "support/recorded_log.h"
#include "support/scratch_folder.h"
#include "twistdpp/dns_transfer/secondary_zone.h"
#include "twistdpp/sim/sim_reactor.h"

#include <gmock/gmock.h>

namespace twistdpp::dns {
namespace {

using std::chrono::seconds;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class SecondaryTest : public testing::Test {
protected:
    SecondaryTest() {
        world_ = std::make_shared<SecondaryWorld>(reactor_, Logger("dns"));
        world_->publish = [this](Bytes, std::shared_ptr<const Zone> zone) {
            served_ = std::move(zone);
            ++published_;
        };
    }
    ~SecondaryTest() override {
        if (zone_)
            zone_->stop();
        reactor_.advance(seconds(1));
    }
    void start(
        std::vector<std::string> rules = {"10.0.0.1/a.test"},
        std::optional<ZoneStore::Copy> copy = std::nullopt, std::uint64_t now = 0
    ) {
        zone_ = make(rules);
        if (copy)
            zone_->adopt(*copy, now);
        zone_->start();
    }
    std::shared_ptr<SecondaryZone> make(const std::vector<std::string>& rules) {
        TransferSettings::Texts texts;
        texts.secondary = rules;
        texts.directory = folder_.path();
        texts.keysFile = folder_.write(
            "keys", "key \"k\" { algorithm hmac-sha256; secret \"c2VjcmV0IHNlY3JldA==\"; };\n"
                    "key \"other\" { algorithm hmac-sha256; secret \"b3RoZXIgc2VjcmV0\"; };\n"
        );
        settings_ = TransferSettings::make(texts).value();
        return std::make_shared<SecondaryZone>(world_, settings_, settings_->secondaries.front());
    }
    bool waitFor(std::uint32_t serial, Duration most = seconds(60)) {
        return reactor_.runUntil([&] { return served_ && served_->serial() == serial; }, most);
    }
    std::uint32_t serial() const { return served_ ? served_->serial() : 0; }
    ZoneStore store() const { return ZoneStore(folder_.path()); }

    RecordedLog log_;
    test::ScratchFolder folder_;
    SimReactor reactor_{SimOptions::calm()};
    SimPrimary primary_{reactor_, Address::parse("10.0.0.1", 53).value()};
    std::shared_ptr<SecondaryWorld> world_;
    std::shared_ptr<const TransferSettings> settings_;
    std::shared_ptr<SecondaryZone> zone_;
    std::shared_ptr<const Zone> served_;
    int published_ = 0;
};

TEST_F(SecondaryTest, fetchesTheZoneAndKeepsACopy) {
    start();
    ASSERT_TRUE(waitFor(1));
    reactor_.advance(seconds(1));
    EXPECT_THAT(primary_.asked, ElementsAre("AXFR tcp"));
    const auto copy = store().load(served_->origin());
    ASSERT_TRUE(copy.ok());
    EXPECT_EQ(copy->zone->serial(), 1U);
    EXPECT_EQ(copy->zone->records(), served_->records());
}

TEST_F(SecondaryTest, asksAgainAfterRefreshAndFetchesWhatIsNew) {
    start();
    ASSERT_TRUE(waitFor(1));
    primary_.asked.clear();
    reactor_.advance(seconds(700));
    EXPECT_THAT(primary_.asked, ElementsAre()) << "REFRESH is 1000 s, less up to a quarter";
    reactor_.advance(seconds(350));
    EXPECT_THAT(primary_.asked, ElementsAre("SOA udp"));
    primary_.serial = 2;
    ASSERT_TRUE(waitFor(2, seconds(1100)));
    EXPECT_THAT(primary_.asked, Contains("IXFR tcp"));
    EXPECT_EQ(published_, 2);
}

TEST_F(SecondaryTest, appliesDifferences) {
    start();
    ASSERT_TRUE(waitFor(1));
    primary_.serial = 2;
    primary_.zone = [&](Type) {
        return SimPrimary::Messages{
            {soaText(2), soaText(1), "www.a.test. 60 A 192.0.2.1", soaText(2), "new.a.test. 60 A 192.0.2.2"},
            {soaText(2)}};
    };
    zone_->notified(Address::parse("10.0.0.1", 4000).value());
    ASSERT_TRUE(waitFor(2));
    EXPECT_EQ(served_->find(NameKey(Name::parse("www.a.test.").value())), 0U);
    EXPECT_NE(served_->find(NameKey(Name::parse("new.a.test.").value())), 0U);
    EXPECT_EQ(primary_.count("AXFR tcp"), 1U);
}

TEST_F(SecondaryTest, takesTheWholeZoneWhenTheDifferencesDoNotFit) {
    start();
    ASSERT_TRUE(waitFor(1));
    primary_.serial = 2;
    primary_.zone = [&](Type type) {
        if (type == Type::AXFR)
            return SimPrimary::Messages{primary_.whole()};
        return SimPrimary::Messages{
            {soaText(2), soaText(1), "none.a.test. 60 A 192.0.2.1", soaText(2), soaText(2)}};
    };
    zone_->notified(Address::parse("10.0.0.1", 4000).value());
    ASSERT_TRUE(waitFor(2));
    EXPECT_EQ(primary_.count("AXFR tcp"), 2U);
    EXPECT_THAT(log_.text(), HasSubstr("no IXFR (a difference removes a record that is not there), so AXFR"));
}

TEST_F(SecondaryTest, asksByTcpWhenUdpIsSilent) {
    start();
    ASSERT_TRUE(waitFor(1));
    primary_.streamsOnly = true;
    primary_.serial = 2;
    zone_->notified(Address::parse("10.0.0.1", 4000).value());
    ASSERT_TRUE(waitFor(2));
    EXPECT_THAT(primary_.asked, Contains("SOA tcp"));
}

TEST_F(SecondaryTest, expiresAndComesBack) {
    start();
    ASSERT_TRUE(waitFor(1));
    primary_.silent = true;
    reactor_.advance(seconds(4990));
    EXPECT_EQ(serial(), 1U);
    reactor_.advance(seconds(1100));
    EXPECT_EQ(served_, nullptr) << "EXPIRE is 5000 s";
    EXPECT_THAT(log_.text(), HasSubstr("zone a.test. serial 1 has expired"));
    primary_.silent = false;
    ASSERT_TRUE(waitFor(1, seconds(300))) << "the same serial is good again";
    EXPECT_EQ(primary_.count("AXFR tcp"), 1U);
}

TEST_F(SecondaryTest, servesItsCopyWhileThePrimaryIsDown) {
    start();
    ASSERT_TRUE(waitFor(1));
    reactor_.advance(seconds(1));
    zone_->stop();
    reactor_.advance(seconds(1));
    served_.reset();
    primary_.silent = true;
    ZoneStore::Copy copy = store().load(zone_->known()->origin()).value();
    start({"10.0.0.1/a.test"}, copy, copy.checked + 4000);
    EXPECT_EQ(serial(), 1U) << "at once";
    reactor_.advance(seconds(990));
    EXPECT_EQ(serial(), 1U);
    reactor_.advance(seconds(20));
    EXPECT_EQ(served_, nullptr) << "what was left of EXPIRE";
}

TEST_F(SecondaryTest, doesNotServeACopyThatIsTooOld) {
    start();
    ASSERT_TRUE(waitFor(1));
    reactor_.advance(seconds(1));
    zone_->stop();
    served_.reset();
    ZoneStore::Copy copy = store().load(zone_->known()->origin()).value();
    start({"10.0.0.1/a.test"}, copy, copy.checked + 5000);
    EXPECT_EQ(served_, nullptr);
    ASSERT_TRUE(waitFor(1)) << "the primary says that it holds";
}

TEST_F(SecondaryTest, cutsATransferWithoutEndAndKeepsWhatItHas) {
    start();
    ASSERT_TRUE(waitFor(1));
    world_->reader.bytes = 1 << 20;
    primary_.serial = 2;
    primary_.endless = true;
    primary_.zone = [&](Type) { return SimPrimary::Messages{{soaText(2), "a.test. 60 NS ns.a.test."}}; };
    primary_.asked.clear();
    zone_->notified(Address::parse("10.0.0.1", 4000).value());
    EXPECT_TRUE(reactor_.runUntil(
        [&] { return log_.text().find("larger than 1 MiB") != std::string::npos; }, seconds(60)
    ));
    reactor_.advance(seconds(20));
    EXPECT_EQ(serial(), 1U);
    EXPECT_THAT(primary_.asked, ElementsAre("SOA udp", "IXFR tcp")) << "no AXFR, which would be as long";
}

TEST_F(SecondaryTest, cutsATransferThatTakesTooLong) {
    world_->stream.whole = seconds(30);
    primary_.endless = true;
    primary_.zone = [&](Type) { return SimPrimary::Messages{{soaText(1), "a.test. 60 NS ns.a.test."}}; };
    world_->reader.bytes = std::size_t{1} << 40;
    world_->stream.whole = std::chrono::milliseconds(50);
    start();
    EXPECT_TRUE(reactor_.runUntil(
        [&] { return log_.text().find("the peer takes too long") != std::string::npos; }, seconds(60)
    ));
    EXPECT_EQ(served_, nullptr);
    primary_.endless = false;
}

TEST_F(SecondaryTest, givesUpAPrimaryThatSaysNothing) {
    primary_.silent = true;
    start();
    EXPECT_TRUE(reactor_.runUntil(
        [&] { return log_.text().find("the peer says nothing") != std::string::npos; }, seconds(60)
    ));
    primary_.silent = false;
    EXPECT_TRUE(waitFor(1, seconds(10)));
}

TEST_F(SecondaryTest, keepsWhatItHasWhenThePrimaryLies) {
    start();
    ASSERT_TRUE(waitFor(1));
    primary_.serial = 2;
    const std::vector<std::pair<SimPrimary::Messages, const char*>> lies{
        {{{soaText(2), "a.test. 60 NS ns.a.test.", soaText(3)}}, "the SOA at its end is another one"},
        {{{soaText(2), soaText(2)}}, "NS"},
        {{{"b.test. 60 SOA a. b. 2 1 1 1 1"}}, "is not of this zone"},
        {{{soaText(4'000'000'000), "a.test. 60 NS ns.a.test.", soaText(4'000'000'000)}}, "not after ours"},
        {{{}}, "a message has no records"}};
    for (const auto& [messages, why] : lies) {
        primary_.zone = [&, answer = messages](Type) { return answer; };
        const std::size_t before = log_.lines().size();
        zone_->notified(Address::parse("10.0.0.1", 4000).value());
        reactor_.advance(seconds(40));
        std::string said;
        const auto lines = log_.lines();
        for (std::size_t i = before; i < lines.size(); ++i)
            said += lines[i] + "\n";
        EXPECT_THAT(said, HasSubstr(why));
        EXPECT_EQ(serial(), 1U) << why;
    }
}

TEST_F(SecondaryTest, goesToTheNextPrimary) {
    SimPrimary second(reactor_, Address::parse("10.0.0.2", 53).value());
    second.serial = 3;
    primary_.silent = true;
    start({"10.0.0.1/a.test", "10.0.0.2/a.test"});
    ASSERT_TRUE(waitFor(3, seconds(60)));
    second.serial = 4;
    second.asked.clear();
    zone_->notified(Address::parse("10.0.0.2", 999).value());
    ASSERT_TRUE(waitFor(4, seconds(2))) << "the one that tells is asked first";
}

TEST_F(SecondaryTest, wantsSignaturesOnAllOfATransfer) {
    start({"10.0.0.1/a.test@k"});
    reactor_.advance(seconds(1));
    EXPECT_EQ(served_, nullptr);
    EXPECT_THAT(log_.text(), HasSubstr("wrong or missing"));
    const TsigKeys keys = TsigKeys::readFile(folder_.path() + "/keys").value();
    primary_.key = keys.find(Name::parse("other.").value());
    reactor_.advance(seconds(20));
    EXPECT_EQ(served_, nullptr);
    EXPECT_THAT(log_.text(), HasSubstr("its signature is wrong"));
    primary_.key = keys.find(Name::parse("k.").value());
    EXPECT_TRUE(waitFor(1, seconds(60)));
    primary_.serial = 2;
    zone_->notified(Address::parse("10.0.0.1", 4000).value());
    EXPECT_TRUE(waitFor(2, seconds(60)));
    primary_.key = nullptr;
}

TEST_F(SecondaryTest, servesOnWhenTheCopyCannotBeWritten) {
    zone_ = make({"10.0.0.1/a.test"});
    std::filesystem::remove_all(folder_.path());
    zone_->start();
    ASSERT_TRUE(waitFor(1));
    reactor_.advance(seconds(1));
    EXPECT_THAT(log_.text(), HasSubstr("has no copy on disk and will not survive a restart"));
    EXPECT_EQ(serial(), 1U);
}

TEST_F(SecondaryTest, doesNotAskWithoutAPauseWhateverThePrimarySays) {
    primary_.times = "0 0 0 0";
    start();
    ASSERT_TRUE(waitFor(1));
    primary_.asked.clear();
    reactor_.advance(seconds(60));
    EXPECT_LE(primary_.asked.size(), 82U) << "REFRESH is a second at least, less a quarter";
    EXPECT_EQ(serial(), 1U);
}

} // namespace
} // namespace twistdpp::dns
