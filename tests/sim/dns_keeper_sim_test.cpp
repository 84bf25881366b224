// layers: dns_keeper
// What is served while files are edited: the new version whole, or the old one.
#include "twistdpp/dns_keeper/zone_keeper.h"

#include "support/recorded_log.h"
#include "support/scratch_folder.h"
#include "twistdpp/sim/sim_reactor.h"

#include <gmock/gmock.h>

namespace twistdpp::dns {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string zoneText(std::uint32_t serial, const std::string& more = "") {
    return "$TTL 60\n@ SOA ns h " + std::to_string(serial) + " 1 1 1 1\n@ NS ns\nns A 192.0.2.1\n" + more;
}

class ZoneKeeperTest : public testing::Test {
protected:
    ~ZoneKeeperTest() override { keeper_->stop(); }

    void addZone(const std::string& origin, const std::string& file) {
        sources_.zones.emplace_back(ZoneSource::Form::master, folder_.path() + "/" + file, origin);
    }
    /// Loads the sources and begins to watch.
    void start() {
        const auto loaded = keeper_->load(sources_);
        ASSERT_TRUE(loaded) << loaded.error().message();
        keeper_->start(reactor_);
    }
    void edit(const std::string& file, const std::string& text) {
        reactor_.touch(folder_.write(file, text));
        reactor_.advance(seconds(1));
    }
    std::string reload() {
        auto done = keeper_->reload(sources_);
        reactor_.runUntil([&] { return done.called(); });
        const auto outcome = std::move(done).take();
        return outcome.ok() ? "" : outcome.failure().message();
    }
    /// 0: the zone is not there or has no data.
    std::uint32_t serial(const std::string& origin) const {
        const auto catalog = keeper_->catalog();
        const ServedZone* found = catalog->exact(NameKey(Name::parse(origin).value().wire()));
        return found && found->zone ? found->zone->serial() : 0;
    }
    bool hasHost(const std::string& name) const {
        const auto catalog = keeper_->catalog();
        return catalog->hosts() && catalog->hosts()->find(NameKey(Name::parse(name).value().wire())) != 0;
    }

    RecordedLog log_;
    test::ScratchFolder folder_;
    SimReactor reactor_{SimOptions::calm()};
    ZoneSources sources_;
    std::shared_ptr<ZoneKeeper> keeper_ = std::make_shared<ZoneKeeper>(Logger("dns"));
};

TEST_F(ZoneKeeperTest, takesOverAnEditedZone) {
    folder_.write("a.zone", zoneText(1));
    addZone("a.test.", "a.zone");
    start();
    EXPECT_EQ(serial("a.test."), 1U);
    edit("a.zone", zoneText(2, "www A 192.0.2.2\n"));
    EXPECT_EQ(serial("a.test."), 2U);
    edit("a.zone", zoneText(3));
    EXPECT_EQ(serial("a.test."), 3U);
}

TEST_F(ZoneKeeperTest, keepsAZoneThatBecameBadAndSaysWhy) {
    folder_.write("a.zone", zoneText(1));
    folder_.write("b.zone", zoneText(7));
    addZone("a.test.", "a.zone");
    addZone("b.test.", "b.zone");
    start();
    folder_.write("b.zone", zoneText(8));
    edit("a.zone", zoneText(2, "www A 192.0.2.999\n"));
    EXPECT_EQ(serial("a.test."), 1U);
    EXPECT_EQ(serial("b.test."), 8U) << "the others go on";
    EXPECT_THAT(log_.text(), HasSubstr("error dns: " + folder_.path() + "/a.zone:5: "));
    EXPECT_THAT(log_.text(), HasSubstr("zone a.test. stays as it was"));
    edit("a.zone", "");
    EXPECT_EQ(serial("a.test."), 1U);
    EXPECT_THAT(log_.text(), HasSubstr(folder_.path() + "/a.zone: zone a.test. has no SOA record"));
    edit("a.zone", zoneText(3));
    EXPECT_EQ(serial("a.test."), 3U) << "it was watched on";
}

TEST_F(ZoneKeeperTest, theFirstTimeABadZoneIsAnError) {
    folder_.write("a.zone", zoneText(1, "www CNAME ns\nwww A 192.0.2.1\n"));
    addZone("a.test.", "a.zone");
    const auto loaded = keeper_->load(sources_);
    ASSERT_FALSE(loaded);
    EXPECT_THAT(loaded.error().message(), HasSubstr("a.zone:6: "));
    EXPECT_TRUE(keeper_->catalog()->zones().empty());
}

TEST_F(ZoneKeeperTest, oneZoneIsNotGivenTwice) {
    folder_.write("a.zone", zoneText(1));
    folder_.write("b.zone", zoneText(2));
    addZone("a.test.", "a.zone");
    addZone("A.TEST.", "b.zone");
    const auto loaded = keeper_->load(sources_);
    ASSERT_FALSE(loaded);
    EXPECT_THAT(loaded.error().message(), HasSubstr("zone a.test. is given twice: "));
    EXPECT_THAT(loaded.error().message(), HasSubstr("b.zone"));
}

TEST_F(ZoneKeeperTest, reloadTakesOtherSources) {
    folder_.write("a.zone", zoneText(1));
    folder_.write("b.zone", zoneText(2));
    addZone("a.test.", "a.zone");
    start();
    sources_.zones.clear();
    addZone("b.test.", "b.zone");
    EXPECT_EQ(reload(), "");
    EXPECT_EQ(serial("a.test."), 0U);
    EXPECT_EQ(serial("b.test."), 2U);
    edit("b.zone", zoneText(3));
    EXPECT_EQ(serial("b.test."), 3U);
}

TEST_F(ZoneKeeperTest, aNewZoneThatIsBadChangesNothing) {
    folder_.write("a.zone", zoneText(1));
    addZone("a.test.", "a.zone");
    start();
    folder_.write("a.zone", zoneText(2));
    addZone("b.test.", "missing.zone");
    EXPECT_THAT(reload(), HasSubstr("missing.zone"));
    EXPECT_EQ(serial("a.test."), 1U);
    EXPECT_EQ(serial("b.test."), 0U);
}

// RFC 1982: secondaries would not take it.
TEST_F(ZoneKeeperTest, aSerialThatGoesBackIsTold) {
    folder_.write("a.zone", zoneText(4'294'967'295U));
    addZone("a.test.", "a.zone");
    start();
    edit("a.zone", zoneText(5));
    EXPECT_THAT(log_.text(), Not(HasSubstr("does not come after"))) << "it has gone round";
    edit("a.zone", zoneText(4));
    EXPECT_THAT(log_.text(), HasSubstr("serial 4 does not come after 5"));
    EXPECT_EQ(serial("a.test."), 4U) << "it is what the file says";
}

TEST_F(ZoneKeeperTest, hostsAreReadAgain) {
    sources_.hosts = {
        folder_.write("hosts", "192.0.2.1 one.test\n"), folder_.write("more", "192.0.2.2 two.test\n")};
    start();
    EXPECT_TRUE(hasHost("one.test.") && hasHost("two.test."));
    edit("hosts", "192.0.2.1 three.test\n");
    EXPECT_TRUE(hasHost("three.test.") && hasHost("two.test."));
    EXPECT_FALSE(hasHost("one.test."));
    // A folder cannot be read as a file.
    std::filesystem::remove(folder_.path() + "/hosts");
    std::filesystem::create_directory(folder_.path() + "/hosts");
    reactor_.touch(folder_.path() + "/hosts");
    reactor_.advance(seconds(1));
    EXPECT_TRUE(hasHost("three.test."));
    EXPECT_THAT(log_.text(), HasSubstr("the hosts files stay as they were"));
}

TEST_F(ZoneKeeperTest, everySubscriberGetsEveryCatalog) {
    folder_.write("a.zone", zoneText(1));
    addZone("a.test.", "a.zone");
    start();
    const auto note = [](std::vector<std::uint32_t>& to) {
        return [&to](const std::shared_ptr<const Catalog>& catalog) {
            to.push_back(catalog->zones().at(0).zone->serial());
        };
    };
    std::vector<std::uint32_t> one, other;
    const ZoneKeeper::Subscription first(keeper_, reactor_, note(one));
    {
        const ZoneKeeper::Subscription second(keeper_, reactor_, note(other));
        edit("a.zone", zoneText(2));
    }
    edit("a.zone", zoneText(3));
    EXPECT_THAT(one, ElementsAre(1U, 2U, 3U));
    EXPECT_THAT(other, ElementsAre(1U, 2U)) << "it has gone";
}

TEST_F(ZoneKeeperTest, changesAreTold) {
    folder_.write("a.zone", zoneText(1));
    addZone("a.test.", "a.zone");
    sources_.transferred = {std::string(Name::parse("second.test.").value().wire())};
    std::vector<std::string> told;
    keeper_->onZoneChange([&](const std::shared_ptr<const Zone>& before,
                              const std::shared_ptr<const Zone>& now) {
        told.push_back(
            nameText(now->origin()) + (before ? std::to_string(before->serial()) : "-") + ">" +
            std::to_string(now->serial())
        );
    });
    start();
    edit("a.zone", zoneText(2));
    EXPECT_THAT(told, ElementsAre("a.test.->1", "a.test.1>2"));
    EXPECT_EQ(serial("second.test."), 0U);
    EXPECT_NE(keeper_->catalog()->exact(NameKey(Bytes(sources_.transferred[0]))), nullptr)
        << "ours, though without data";
}

TEST_F(ZoneKeeperTest, manyEventsAreOneReading) {
    folder_.write("a.zone", zoneText(1));
    addZone("a.test.", "a.zone");
    start();
    int catalogs = 0;
    const ZoneKeeper::Subscription count(keeper_, reactor_, [&](const auto&) { ++catalogs; });
    const std::string path = folder_.write("a.zone", zoneText(2));
    for (int i = 0; i < 20; ++i)
        reactor_.touch(path);
    reactor_.advance(seconds(1));
    EXPECT_EQ(serial("a.test."), 2U);
    EXPECT_EQ(catalogs, 2) << "the first one, and one more";
}

TEST_F(ZoneKeeperTest, afterTheStopNothingIsRead) {
    folder_.write("a.zone", zoneText(1));
    addZone("a.test.", "a.zone");
    start();
    reactor_.touch(folder_.write("a.zone", zoneText(2)));
    keeper_->stop();
    reactor_.advance(seconds(1));
    EXPECT_EQ(serial("a.test."), 1U);
}

} // namespace
} // namespace twistdpp::dns
