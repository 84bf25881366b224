// layers: dns_server
// DNS over TCP as RFC 7766 wants it: pipelined, in pieces, half closed, idle, and with answers that come
// later.
#include "twistdpp/dns_server/stream_server.h"

#include "support/dns_ask.h"
#include "support/dns_zone_text.h"
#include "twistdpp/net/length_prefixed.h"
#include "twistdpp/sim/sim_reactor.h"

#include <gmock/gmock.h>

namespace twistdpp::dns {
namespace {

using std::chrono::seconds;

std::string framed(const std::string& message) {
    std::string made;
    append16(made, static_cast<std::uint16_t>(message.size()));
    return made + message;
}

std::string numbered(std::uint16_t id, const std::string& name = "www.example.com.") {
    std::string message = makeQuery(name, Type::A);
    put16(message.data(), id);
    message[2] = 1; // recursion is desired
    return message;
}

/// Takes what must be answered elsewhere, and answers when a test says so.
class Upstream final : public Elsewhere {
public:
    void forward(Responder& responder, const Address&, Carrier, Reply reply) override {
        std::string answer(responder.query().message);
        answer[2] = static_cast<char>(answer[2] | 0x80);
        waiting.emplace_back(std::move(answer), std::move(reply));
    }
    void transfer(Responder&, const Address&, std::shared_ptr<AnswerStream> stream) override {
        streams.push_back(std::move(stream));
    }
    std::size_t transferDatagram(Responder&, const Address&, std::span<char>) override { return 0; }
    std::size_t notify(Responder& responder, const Address&, std::span<char> out) override {
        return responder.fail(out, Rcode::notAuth);
    }
    void answer(std::size_t index) {
        // Out of the list first: who is done with one makes room for the next, which is put into the list.
        auto [message, reply] = std::move(waiting.at(index));
        reply(message);
    }

    std::vector<std::pair<std::string, Reply>> waiting;
    std::vector<std::shared_ptr<AnswerStream>> streams;
};

class StreamServerTest : public testing::TestWithParam<bool> {
protected:
    /// The client's end of the connection.
    class Client final : public Int16StringReceiver {
    public:
        explicit Client(StreamServerTest& test) : Int16StringReceiver(65'535), test_(test) {}
        void stringReceived(Bytes message) override { test_.answers_.emplace_back(message); }
        void connectionLost(const Failure&) override { test_.closed_ = true; }

    private:
        StreamServerTest& test_;
    };

    static SimOptions options() {
        SimOptions made;
        made.bytewise = GetParam();
        return made;
    }

    void SetUp() override {
        ResponderSettings settings;
        settings.tcpIdle = seconds(10);
        responder_ = std::make_unique<Responder>(settings, queries_);
        std::vector<ServedZone> zones;
        zones.push_back(
            {std::string(Name::parse("example.com.").value().wire()),
             zoneFromText(
                 "example.com.", "$TTL 1\n@ SOA n h 1 1 1 1 1\n@ NS n\nn A 192.0.2.1\nwww A 192.0.2.2\n"
             )}
        );
        responder_->setCatalog(std::make_shared<Catalog>(std::move(zones), nullptr));
        responder_->setRecursion([](const Address&) { return true; });
        port_ = std::move(reactor_.listen(
                              ListenSpec(Address::loopback(53)),
                              std::make_shared<StreamServerFactory>(*responder_, upstream_)
                          ))
                    .value();
        auto connecting = reactor_.connect(
            ConnectSpec(Address::loopback(53)),
            makeFactory([this](const Address&) -> std::unique_ptr<Protocol> {
                return std::make_unique<Client>(*this);
            })
        );
        reactor_.runUntil([&] { return connecting.called(); });
        client_ = std::move(connecting).take().value();
    }

    std::vector<unsigned> ids() const {
        std::vector<unsigned> found;
        for (const std::string& each : answers_)
            found.push_back(MessageReader(each).id());
        return found;
    }

    SimReactor reactor_{options()};
    Metrics metrics_;
    QueryLog queries_{Logger("dns"), metrics_, 0};
    std::unique_ptr<Responder> responder_;
    Upstream upstream_;
    std::unique_ptr<Port> port_;
    Transport* client_ = nullptr;
    std::vector<std::string> answers_;
    bool closed_ = false;
};

TEST_P(StreamServerTest, answersManyQueriesOfOneConnection) {
    std::string all;
    for (std::uint16_t id = 1; id <= 50; ++id)
        all += framed(numbered(id));
    client_->write(Bytes(all));
    reactor_.advance(seconds(1));
    ASSERT_EQ(answers_.size(), 50U);
    EXPECT_EQ(ids().front(), 1U);
    EXPECT_EQ(ids().back(), 50U);
    EXPECT_THAT(
        linesOf(answers_[7]), testing::ElementsAre("NOERROR aa", "answer www.example.com. 1 A 192.0.2.2")
    );
    EXPECT_FALSE(closed_);
}

TEST_P(StreamServerTest, waitsForTheRestOfAQuery) {
    const std::string query = framed(numbered(1));
    client_->write(Bytes(query).substr(0, 1));
    reactor_.advance(seconds(1));
    client_->write(Bytes(query).substr(1, 10));
    reactor_.advance(seconds(1));
    EXPECT_TRUE(answers_.empty());
    client_->write(Bytes(query).substr(11));
    reactor_.advance(seconds(1));
    EXPECT_EQ(answers_.size(), 1U);
}

TEST_P(StreamServerTest, answersWhoHasSaidAllAndThenCloses) {
    client_->write(Bytes(framed(numbered(1)) + framed(numbered(2, "www.example.org."))));
    client_->loseWriteConnection();
    reactor_.advance(seconds(1));
    EXPECT_THAT(ids(), testing::ElementsAre(1U));
    ASSERT_EQ(upstream_.waiting.size(), 1U);
    EXPECT_FALSE(closed_) << "an answer is still to come";
    upstream_.answer(0);
    reactor_.advance(seconds(1));
    EXPECT_THAT(ids(), testing::ElementsAre(1U, 2U));
    EXPECT_TRUE(closed_);
}

TEST_P(StreamServerTest, anAnswerThatTakesLongHoldsNothingUp) {
    client_->write(Bytes(
        framed(numbered(1, "a.example.org.")) + framed(numbered(2, "b.example.org.")) + framed(numbered(3))
    ));
    reactor_.advance(seconds(1));
    EXPECT_THAT(ids(), testing::ElementsAre(3U));
    upstream_.answer(1);
    upstream_.answer(0);
    reactor_.advance(seconds(1));
    EXPECT_THAT(ids(), testing::ElementsAre(3U, 2U, 1U));
}

TEST_P(StreamServerTest, anUpstreamThatNeverAnswersKeepsNoConnectionFromClosing) {
    client_->write(Bytes(framed(numbered(1, "a.example.org."))));
    client_->loseWriteConnection();
    reactor_.advance(seconds(1));
    EXPECT_FALSE(closed_);
    upstream_.waiting.clear(); // it has given up
    reactor_.advance(seconds(1));
    EXPECT_TRUE(closed_);
    EXPECT_TRUE(answers_.empty());
}

TEST_P(StreamServerTest, closesAnIdleConnection) {
    client_->write(Bytes(framed(numbered(1))));
    reactor_.advance(seconds(9));
    EXPECT_FALSE(closed_);
    client_->write(Bytes(framed(numbered(2))));
    reactor_.advance(seconds(9));
    EXPECT_FALSE(closed_) << "a query came meanwhile";
    reactor_.advance(seconds(13));
    EXPECT_TRUE(closed_);
    EXPECT_EQ(answers_.size(), 2U);
}

TEST_P(StreamServerTest, aConnectionThatWaitsForAnAnswerIsNotIdle) {
    client_->write(Bytes(framed(numbered(1, "a.example.org."))));
    reactor_.advance(seconds(60));
    EXPECT_FALSE(closed_);
    upstream_.answer(0);
    reactor_.advance(seconds(30));
    EXPECT_TRUE(closed_);
    EXPECT_EQ(answers_.size(), 1U);
}

TEST_P(StreamServerTest, readsNoMoreThanItsUpstreamCanTake) {
    std::string all;
    for (std::uint16_t id = 0; id < 300; ++id)
        all += framed(numbered(id, "a.example.org."));
    client_->write(Bytes(all));
    reactor_.advance(seconds(2));
    ASSERT_GE(upstream_.waiting.size(), 100U);
    EXPECT_LT(upstream_.waiting.size(), 300U);
    std::size_t answered = 0;
    while (answered < upstream_.waiting.size()) {
        upstream_.answer(answered++);
        reactor_.advance(std::chrono::milliseconds(20));
    }
    reactor_.advance(seconds(1));
    EXPECT_EQ(answered, 300U);
    EXPECT_EQ(answers_.size(), 300U);
}

TEST_P(StreamServerTest, whoAnswersLaterOutlivesTheConnection) {
    client_->write(
        Bytes(framed(numbered(1, "a.example.org.")) + framed(makeQuery("example.com.", Type::AXFR)))
    );
    reactor_.advance(seconds(1));
    ASSERT_EQ(upstream_.streams.size(), 1U);
    EXPECT_TRUE(upstream_.streams[0]->open());
    client_->abortConnection();
    reactor_.advance(seconds(1));
    EXPECT_TRUE(closed_);
    EXPECT_FALSE(upstream_.streams[0]->open());
    upstream_.streams[0]->send("nobody hears it");
    upstream_.answer(0);
    upstream_.streams.clear();
    upstream_.waiting.clear();
    EXPECT_TRUE(answers_.empty());
}

TEST_P(StreamServerTest, anAnswerIsNotAnswered) {
    std::string message = numbered(1);
    message[2] = static_cast<char>(0x80);
    client_->write(Bytes(framed(message) + framed("short") + framed("") + framed(numbered(2))));
    reactor_.advance(seconds(1));
    EXPECT_THAT(ids(), testing::ElementsAre(2U));
    EXPECT_FALSE(closed_);
}

INSTANTIATE_TEST_SUITE_P(Pieces, StreamServerTest, testing::Bool(), [](const auto& which) {
    return which.param ? "byteByByte" : "asTheyCome";
});

} // namespace
} // namespace twistdpp::dns
