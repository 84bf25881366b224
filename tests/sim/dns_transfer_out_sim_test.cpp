// layers: dns_transfer
#include "twistdpp/dns_transfer/transfer_server.h"

#include "support/dns_ask.h"
#include "support/dns_zone_text.h"
#include "support/recorded_log.h"
#include "support/scratch_folder.h"
#include "twistdpp/defer/promise.h"
#include "twistdpp/dns_transfer/signed_request.h"
#include "twistdpp/sim/sim_reactor.h"

#include <gmock/gmock.h>

namespace twistdpp::dns {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

std::string zoneText(std::uint32_t serial, const std::string& more = "") {
    return "$TTL 60\n@ SOA ns h " + std::to_string(serial) + " 1 1 1 1\n@ NS ns\nns A 192.0.2.1\n" + more;
}

std::string bulk(int count) {
    std::string text;
    for (int i = 0; i < count; ++i)
        text += "n" + std::to_string(i) + " A 10.0." + std::to_string(i / 250) + "." +
                std::to_string(i % 250) + "\n";
    return text;
}

/// A client that takes what it is sent as a test says.
class Client final : public AnswerStream {
public:
    bool open() const noexcept override { return open_; }
    void send(Bytes message) override { messages.emplace_back(message); }
    Deferred<void> drained() override {
        if (!open_)
            return fail(std::runtime_error("the client has gone"));
        if (reads)
            return succeed();
        waiting.emplace();
        return waiting->deferred();
    }
    void abort() override {
        open_ = false;
        aborted = true;
    }
    void leave() { open_ = false; }

    bool reads = true, aborted = false;
    std::optional<Promise<void>> waiting;
    std::vector<std::string> messages;

private:
    bool open_ = true;
};

class TransferServerTest : public testing::Test {
protected:
    TransferServerTest() { allow({"192.0.2.0/24", "@k"}); }

    void allow(std::vector<std::string> rules) {
        TransferSettings::Texts texts;
        texts.allow = std::move(rules);
        texts.keysFile =
            folder_.write("keys", "key \"k\" { algorithm hmac-sha256; secret \"c2VjcmV0IHNlY3JldA==\"; };\n");
        settings_ = TransferSettings::make(texts).value();
        ResponderSettings settings;
        settings.keys = settings_->keys;
        responder_ = std::make_unique<Responder>(settings, queries_);
        if (zone_)
            serve(zone_);
    }
    void serve(std::shared_ptr<const Zone> zone) {
        zone_ = std::move(zone);
        std::vector<ServedZone> zones;
        zones.push_back({std::string(zone_->origin()), zone_});
        zones.push_back({std::string(Name::parse("expired.test.").value().wire()), nullptr});
        responder_->setCatalog(std::make_shared<Catalog>(std::move(zones), nullptr));
    }
    std::shared_ptr<Client>
    ask(Type type, std::uint32_t serial = 0, const char* name = "a.test.", const TsigKey* key = nullptr) {
        const auto like = zoneFromText(name, zoneText(serial));
        request_ = makeRequest(
            Opcode::query, 0, Name::parse(name).value(), type, key, type == Type::IXFR ? like.get() : nullptr
        );
        EXPECT_EQ(
            responder_->respond(request_.message, from_, Carrier::tcp, memory_), Responder::Fate::transfer
        );
        auto client = std::make_shared<Client>();
        client->reads = reads_;
        server_.transfer(*responder_, settings_, from_, client);
        reactor_.runUntilIdle(seconds(1));
        return client;
    }
    std::vector<std::string> lines(const Client& client) {
        std::vector<std::string> all;
        for (const std::string& each : client.messages) {
            const auto some = linesOf(each);
            all.insert(all.end(), some.begin() + 1, some.end());
        }
        return all;
    }
    std::string rcode(const Client& client) {
        return client.messages.empty() ? "none" : linesOf(client.messages[0])[0];
    }

    RecordedLog log_;
    test::ScratchFolder folder_;
    SimReactor reactor_{SimOptions::calm()};
    std::shared_ptr<TransferOutState> state_ = std::make_shared<TransferOutState>();
    TransferOutLimits limits_;
    TransferServer server_{reactor_, Logger("dns"), state_};
    std::shared_ptr<const TransferSettings> settings_;
    Metrics metrics_;
    QueryLog queries_{Logger("dns"), metrics_, 0};
    std::unique_ptr<Responder> responder_;
    std::shared_ptr<const Zone> zone_;
    SignedRequest request_;
    Address from_ = Address::parse("192.0.2.7", 4000).value();
    bool reads_ = true;
    std::array<char, 65'535> memory_;
};

TEST_F(TransferServerTest, sendsALargeZoneInFewMessages) {
    serve(zoneFromText("a.test.", zoneText(1, bulk(20'000))));
    const auto client = ask(Type::AXFR);
    const auto all = lines(*client);
    EXPECT_EQ(all.size(), 20'004U);
    EXPECT_EQ(all.front(), all.back());
    EXPECT_LE(client->messages.front().size(), 16'384U);
    EXPECT_LT(client->messages.size(), 15U);
    EXPECT_EQ(state_->running.load(), 0U);
    for (const std::string& each : client->messages) {
        EXPECT_EQ(MessageReader(each).id(), request_.id());
        EXPECT_TRUE(MessageReader(each).flags() & Flag::aa);
    }
}

TEST_F(TransferServerTest, signsEachMessage) {
    serve(zoneFromText("a.test.", zoneText(1, bulk(5000))));
    from_ = Address::parse("198.51.100.1", 4000).value();
    const TsigKey* const key = settings_->keys->find(Name::parse("k.").value());
    const auto client = ask(Type::AXFR, 0, "a.test.", key);
    TsigVerifier verifier(*key, request_.mac);
    ASSERT_GT(client->messages.size(), 1U);
    for (const std::string& each : client->messages) {
        EXPECT_EQ(verifier.add(each, static_cast<std::uint64_t>(std::time(nullptr))), Rcode::noError);
        EXPECT_TRUE(verifier.isSigned());
    }
}

TEST_F(TransferServerTest, oneVersionFromBeginningToEnd) {
    serve(zoneFromText("a.test.", zoneText(1, bulk(4000))));
    reads_ = false;
    const auto client = ask(Type::AXFR);
    EXPECT_EQ(client->messages.size(), 1U) << "no more than the client takes";
    serve(zoneFromText("a.test.", zoneText(2)));
    client->reads = true;
    client->waiting->callback();
    reactor_.runUntilIdle(seconds(1));
    EXPECT_EQ(lines(*client).size(), 4004U);
    EXPECT_THAT(lines(*client).back(), HasSubstr(" 1 1 1 1 1"));
}

TEST_F(TransferServerTest, cutsAClientThatTakesNothing) {
    serve(zoneFromText("a.test.", zoneText(1, bulk(4000))));
    reads_ = false;
    const auto client = ask(Type::AXFR);
    EXPECT_FALSE(client->aborted);
    reactor_.advance(seconds(61));
    EXPECT_TRUE(client->aborted);
    EXPECT_EQ(state_->running.load(), 0U);
    EXPECT_THAT(log_.text(), HasSubstr("the client takes nothing"));
}

TEST_F(TransferServerTest, runsOnlySoManyAtOnce) {
    serve(zoneFromText("a.test.", zoneText(1, bulk(4000))));
    reads_ = false;
    std::vector<std::shared_ptr<Client>> clients;
    for (unsigned i = 0; i < limits_.atOnce; ++i)
        clients.push_back(ask(Type::AXFR));
    EXPECT_EQ(state_->running.load(), limits_.atOnce);
    EXPECT_EQ(rcode(*ask(Type::AXFR)), "SERVFAIL");
    reactor_.advance(seconds(61));
    reads_ = true;
    EXPECT_EQ(rcode(*ask(Type::AXFR)), "NOERROR aa");
}

TEST_F(TransferServerTest, refusesWhoMayNotAndWhatIsNotThere) {
    serve(zoneFromText("a.test.", zoneText(1)));
    EXPECT_EQ(rcode(*ask(Type::AXFR, 0, "b.test.")), "NOTAUTH");
    EXPECT_EQ(rcode(*ask(Type::AXFR, 0, "expired.test.")), "SERVFAIL");
    EXPECT_EQ(rcode(*ask(Type::AXFR, 0, "ns.a.test.")), "NOTAUTH") << "a name within a zone is none";
    from_ = Address::parse("198.51.100.1", 4000).value();
    EXPECT_EQ(rcode(*ask(Type::AXFR)), "REFUSED");
    EXPECT_EQ(rcode(*ask(Type::AXFR, 0, "b.test.")), "REFUSED") << "it is not told which zones there are";
    allow({});
    from_ = Address::loopback(4000);
    EXPECT_EQ(rcode(*ask(Type::AXFR)), "REFUSED");
    EXPECT_THAT(log_.text(), HasSubstr("there is no --allow-transfer"));
}

TEST_F(TransferServerTest, sendsDifferencesWhenItHasThem) {
    const auto one = zoneFromText("a.test.", zoneText(1, bulk(50))),
               two = zoneFromText("a.test.", zoneText(2, bulk(50) + "x A 192.0.2.2\n"));
    state_->history.add(*one, *two, differenceOf(*one, *two));
    serve(two);
    EXPECT_EQ(lines(*ask(Type::IXFR, 1)).size(), 5U);
    EXPECT_EQ(lines(*ask(Type::IXFR, 2)).size(), 1U) << "up to date";
    EXPECT_EQ(lines(*ask(Type::IXFR, 3)).size(), 1U) << "ahead";
    EXPECT_EQ(lines(*ask(Type::IXFR, 4'000'000'000)).size(), 55U) << "all of it";
    // Without the SOA in the authority section it is no IXFR request.
    std::string request = makeQuery("a.test.", Type::IXFR);
    responder_->respond(request, from_, Carrier::tcp, memory_);
    auto client = std::make_shared<Client>();
    server_.transfer(*responder_, settings_, from_, client);
    EXPECT_EQ(rcode(*client), "FORMERR");
}

TEST_F(TransferServerTest, answersByUdpWithWhatFits) {
    const auto one = zoneFromText("a.test.", zoneText(1, bulk(100))),
               two = zoneFromText("a.test.", zoneText(2, bulk(100) + "x A 192.0.2.2\n")),
               three = zoneFromText("a.test.", zoneText(3, bulk(160)));
    state_->history.add(*one, *two, differenceOf(*one, *two));
    const auto askDatagram = [&](std::uint32_t serial) {
        const auto like = zoneFromText("a.test.", zoneText(serial));
        request_ = makeRequest(Opcode::query, 0, like->origin(), Type::IXFR, nullptr, like.get());
        EXPECT_EQ(
            responder_->respond(request_.message, from_, Carrier::udp, memory_), Responder::Fate::transfer
        );
        const std::size_t size = server_.transferDatagram(*responder_, *settings_, from_, memory_);
        EXPECT_LE(size, 512U);
        return linesOf({memory_.data(), size});
    };
    serve(two);
    EXPECT_EQ(askDatagram(1).size(), 6U);
    state_->history.add(*two, *three, differenceOf(*two, *three));
    serve(three);
    EXPECT_EQ(askDatagram(1).size(), 2U) << "the SOA alone: come by TCP";
    EXPECT_EQ(askDatagram(3).size(), 2U);
    from_ = Address::parse("198.51.100.1", 4000).value();
    EXPECT_EQ(askDatagram(1), std::vector<std::string>{"REFUSED"});
}

TEST_F(TransferServerTest, stopsWhenTheClientGoes) {
    serve(zoneFromText("a.test.", zoneText(1, bulk(4000))));
    reads_ = false;
    const auto client = ask(Type::AXFR);
    client->leave();
    client->waiting->callback();
    reactor_.runUntilIdle(seconds(1));
    EXPECT_EQ(client->messages.size(), 1U);
    EXPECT_EQ(state_->running.load(), 0U);
}

} // namespace
} // namespace twistdpp::dns
