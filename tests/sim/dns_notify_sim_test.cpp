// layers: dns_transfer
#include "sim/dns_primary.h"
#include "support/dns_ask.h"
#include "support/dns_zone_text.h"
#include "support/recorded_log.h"
#include "support/scratch_folder.h"
#include "twistdpp/dns_transfer/transfer_desk.h"
#include "twistdpp/sim/sim_reactor.h"

#include <gmock/gmock.h>

namespace twistdpp::dns {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

/// Hears NOTIFY messages and answers them as a test says.
class Listener final : public DatagramProtocol {
public:
    Listener(SimReactor& reactor, const Address& address) {
        socket_ = reactor.bind(DatagramSpec(address), *this).value();
    }
    bool answering = true;
    Rcode rcode = Rcode::noError;
    std::vector<std::uint32_t> serials;

private:
    void datagramReceived(Bytes data, const Address& from) override {
        MessageReader reader(data);
        EXPECT_EQ(reader.opcode(), Opcode::notify);
        EXPECT_TRUE(reader.flags() & Flag::aa);
        Question question;
        RecordView record;
        std::string rdata;
        ASSERT_TRUE(reader.nextQuestion(question));
        EXPECT_EQ(question.type, Type::SOA);
        ASSERT_TRUE(reader.nextRecord(record));
        ASSERT_TRUE(reader.expand(record, rdata));
        serials.push_back(Soa(rdata).serial);
        if (!answering)
            return;
        std::string answer(data);
        put16(
            &answer[2], static_cast<std::uint16_t>(
                            static_cast<unsigned>(Flag::qr) | static_cast<unsigned>(reader.flags()) |
                            static_cast<unsigned>(rcode)
                        )
        );
        port().write(answer, from);
    }
    std::unique_ptr<DatagramPort> socket_;
};

std::string zoneText(std::uint32_t serial, const std::string& more = "") {
    return "$TTL 60\n@ SOA ns h " + std::to_string(serial) + " 1 1 1 1\n@ NS ns\nns A 192.0.2.1\n" + more;
}

class TransfersTest : public testing::Test {
protected:
    ~TransfersTest() override {
        if (started_)
            transfers_->stop();
        keeper_->stop();
        reactor_.advance(seconds(1));
    }
    std::shared_ptr<const TransferSettings> settings(TransferSettings::Texts texts) {
        texts.directory = folder_.path() + "/copies";
        texts.keysFile =
            folder_.write("keys", "key \"k\" { algorithm hmac-sha256; secret \"c2VjcmV0IHNlY3JldA==\"; };\n");
        auto made = TransferSettings::make(texts);
        EXPECT_TRUE(made.ok()) << made.error().message();
        return *made;
    }
    void start(const TransferSettings::Texts& texts, bool withFile = true) {
        const auto made = settings(texts);
        transfers_ = std::make_shared<Transfers>(Logger("dns"), keeper_, made);
        transfers_->watch();
        EXPECT_TRUE(keeper_->load(sources(*made, withFile)).ok());
        keeper_->start(reactor_);
        const auto done = transfers_->start(reactor_);
        EXPECT_TRUE(done.ok());
        started_ = true;
        ResponderSettings responder;
        responder.keys = made->keys;
        responder_ = std::make_unique<Responder>(responder, queries_);
        desk_ = std::make_unique<TransferDesk>(reactor_, Logger("dns"), transfers_);
    }
    ZoneSources sources(const TransferSettings& made, bool withFile) {
        ZoneSources from;
        if (withFile)
            from.zones.emplace_back(ZoneSource::Form::master, folder_.write("b.zone", zoneText(1)), "b.test");
        for (const SecondarySource& each : made.secondaries)
            from.transferred.emplace_back(each.zone.wire());
        return from;
    }
    void edit(std::uint32_t serial, const std::string& more = "") {
        reactor_.touch(folder_.write("b.zone", zoneText(serial, more)));
        reactor_.advance(seconds(1));
    }
    std::string notify(
        const char* from, const char* zone = "a.test.", const TsigKey* key = nullptr, Type type = Type::SOA
    ) {
        const SignedRequest request =
            makeRequest(Opcode::notify, Flag::aa, Name::parse(zone).value(), type, key);
        const Address address = Address::parse(from, 4000).value();
        EXPECT_EQ(
            responder_->respond(request.message, address, Carrier::udp, memory_), Responder::Fate::notify
        );
        const std::size_t size = desk_->notify(*responder_, address, memory_);
        reactor_.advance(seconds(1));
        EXPECT_EQ(MessageReader({memory_.data(), size}).opcode(), Opcode::notify);
        return linesOf({memory_.data(), size}).front();
    }
    static TransferSettings::Texts
    texts(std::vector<std::string> secondary, std::vector<std::string> targets = {}) {
        TransferSettings::Texts made;
        made.secondary = std::move(secondary);
        made.notify = std::move(targets);
        return made;
    }
    std::uint32_t serialOf(const char* zone) {
        const auto catalog = keeper_->catalog();
        const ServedZone* served = catalog->exact(NameKey(Name::parse(zone).value()));
        return served && served->zone ? served->zone->serial() : 0;
    }

    RecordedLog log_;
    test::ScratchFolder folder_;
    SimReactor reactor_{SimOptions::calm()};
    SimPrimary primary_{reactor_, Address::parse("10.0.0.1", 53).value()};
    std::shared_ptr<ZoneKeeper> keeper_ = std::make_shared<ZoneKeeper>(Logger("dns"));
    std::shared_ptr<Transfers> transfers_;
    Metrics metrics_;
    QueryLog queries_{Logger("dns"), metrics_, 0};
    std::unique_ptr<Responder> responder_;
    std::unique_ptr<TransferDesk> desk_;
    bool started_ = false;
    std::array<char, 65'535> memory_;
};

TEST_F(TransfersTest, tellsOfEachSerial) {
    Listener listener(reactor_, Address::parse("10.0.0.9", 53).value());
    start(texts({}, {"10.0.0.9"}));
    reactor_.advance(seconds(1));
    EXPECT_THAT(listener.serials, ElementsAre(1)) << "at the start: it may have missed something";
    edit(2, "x A 192.0.2.2\n");
    EXPECT_THAT(listener.serials, ElementsAre(1, 2));
    EXPECT_THAT(log_.text(), HasSubstr("NOTIFY of zone b.test. serial 2 to 10.0.0.9:53: received"));
    const auto path = transfers_->out()->history.path(Name::parse("b.test.").value(), 1, 2);
    ASSERT_TRUE(path) << "who comes for the difference finds it";
    EXPECT_EQ(path->front()->records(), 3U);
}

TEST_F(TransfersTest, tellsAgainUntilAMinuteIsOver) {
    Listener listener(reactor_, Address::parse("10.0.0.9", 53).value());
    listener.answering = false;
    start(texts({}, {"10.0.0.9"}));
    reactor_.advance(seconds(10));
    EXPECT_EQ(listener.serials.size(), 3U);
    edit(2);
    reactor_.advance(seconds(100));
    EXPECT_EQ(listener.serials.size(), 8U) << "five of the new serial, no more of the old one";
    EXPECT_EQ(listener.serials.back(), 2U);
    EXPECT_THAT(log_.text(), HasSubstr("serial 2 to 10.0.0.9:53: no answer from 10.0.0.9:53"));
    EXPECT_THAT(log_.text(), Not(HasSubstr("serial 1 to 10.0.0.9:53: no answer")));
}

TEST_F(TransfersTest, saysWhatASecondaryThinksOfIt) {
    Listener listener(reactor_, Address::parse("10.0.0.9", 53).value());
    listener.rcode = Rcode::notAuth;
    start(texts({}, {"10.0.0.9"}));
    reactor_.advance(seconds(1));
    EXPECT_THAT(log_.text(), HasSubstr("to 10.0.0.9:53: it says NOTAUTH"));
    EXPECT_EQ(listener.serials.size(), 1U);
}

TEST_F(TransfersTest, wantsTheAnswerSignedWhenItSigns) {
    Listener listener(reactor_, Address::parse("10.0.0.9", 53).value());
    start(texts({}, {"10.0.0.9@k"}));
    reactor_.advance(seconds(1));
    EXPECT_THAT(log_.text(), HasSubstr("signature is wrong"));
}

TEST_F(TransfersTest, asksThePrimaryThatTells) {
    start(texts({"10.0.0.1/a.test"}));
    ASSERT_TRUE(reactor_.runUntil([&] { return serialOf("a.test.") == 1; }, seconds(10)));
    primary_.serial = 2;
    EXPECT_EQ(notify("10.0.0.1"), "NOERROR aa");
    EXPECT_EQ(serialOf("a.test."), 2U);
}

TEST_F(TransfersTest, listensToNobodyElse) {
    start(texts({"10.0.0.1/a.test"}));
    ASSERT_TRUE(reactor_.runUntil([&] { return serialOf("a.test.") == 1; }, seconds(10)));
    primary_.serial = 2;
    primary_.asked.clear();
    EXPECT_EQ(notify("10.0.0.2"), "REFUSED");
    EXPECT_EQ(notify("10.0.0.1", "b.test."), "NOTAUTH") << "it is not a secondary of that";
    EXPECT_EQ(notify("10.0.0.1", "c.test."), "NOTAUTH");
    EXPECT_EQ(notify("10.0.0.1", "a.test.", nullptr, Type::A), "FORMERR");
    EXPECT_TRUE(primary_.asked.empty());
    EXPECT_THAT(
        log_.text(), HasSubstr("NOTIFY of zone a.test. from 10.0.0.2:4000 refused: it is no primary of it")
    );
}

TEST_F(TransfersTest, wantsNotifySignedFromAPrimaryWithAKey) {
    start(texts({"10.0.0.1/a.test@k"}));
    const TsigKey* const key = transfers_->settings()->keys->find(Name::parse("k.").value());
    EXPECT_EQ(notify("10.0.0.1"), "REFUSED");
    EXPECT_THAT(log_.text(), HasSubstr("it is not signed with the key of that primary"));
    EXPECT_EQ(notify("10.0.0.1", "a.test.", key), "NOERROR aa");
}

TEST_F(TransfersTest, passesOnWhatItFetched) {
    Listener listener(reactor_, Address::parse("10.0.0.9", 53).value());
    start(texts({"10.0.0.1/a.test"}, {"10.0.0.9"}), false);
    ASSERT_TRUE(reactor_.runUntil([&] { return serialOf("a.test.") == 1; }, seconds(10)));
    primary_.serial = 2;
    notify("10.0.0.1");
    EXPECT_THAT(listener.serials, ElementsAre(1, 2));
    EXPECT_TRUE(transfers_->out()->history.path(Name::parse("a.test.").value(), 1, 2));
}

TEST_F(TransfersTest, reloadAddsAndRemovesZones) {
    start(texts({"10.0.0.1/a.test"}));
    ASSERT_TRUE(reactor_.runUntil([&] { return serialOf("a.test.") == 1; }, seconds(10)));
    const auto none = settings(texts({}));
    keeper_->reload(sources(*none, true)).detach();
    reactor_.advance(seconds(1));
    EXPECT_TRUE(transfers_->configure(none).ok());
    primary_.asked.clear();
    reactor_.advance(seconds(5000));
    EXPECT_TRUE(primary_.asked.empty());
    EXPECT_EQ(notify("10.0.0.1"), "NOTAUTH");
    const auto again = settings(texts({"10.0.0.1/a.test"}));
    keeper_->reload(sources(*again, true)).detach();
    reactor_.advance(seconds(1));
    EXPECT_TRUE(transfers_->configure(again).ok());
    EXPECT_EQ(serialOf("a.test."), 1U) << "from the copy on disk, at once";
}

TEST_F(TransfersTest, saysThatTheDirectoryIsOfNoUse) {
    TransferSettings::Texts given = texts({"10.0.0.1/a.test"});
    given.directory = folder_.write("file", "") + "/copies";
    transfers_ = std::make_shared<Transfers>(Logger("dns"), keeper_, TransferSettings::make(given).value());
    const auto done = transfers_->start(reactor_);
    ASSERT_FALSE(done.ok());
    EXPECT_THAT(done.error().message(), HasSubstr("option --secondary-dir: " + given.directory));
}

} // namespace
} // namespace twistdpp::dns
