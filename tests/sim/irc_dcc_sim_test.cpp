// layers: irc words_server
#include "twistdpp/irc/irc_client.h"
#include "twistdpp/net/line_receiver.h"
#include "twistdpp/reactor/errors.h"
#include "twistdpp/sim/sim_reactor.h"
#include "twistdpp/words_server/server.h"

#include <gtest/gtest.h>

// Two programs on one server give each other files, and talk without it.

namespace twistdpp::words {
namespace {

using irc::DccRequest;

class Program final : public irc::IRCClient {
public:
    explicit Program(std::string nick) { nickname = std::move(nick); }
    bool in = false;
    std::string from;
    std::optional<DccRequest> offered;

private:
    void signedOn() override { in = true; }
    void dccOffered(Bytes user, const DccRequest& offer) override {
        from = user;
        offered = offer;
    }
};

class Chat final : public LineReceiver {
public:
    explicit Chat(std::string& heard) : heard_(heard) {}
    void connectionMade() override { sendLine("hello"); }
    void lineReceived(Bytes line) override { heard_.append(line).append("\n"); }

private:
    std::string& heard_;
};

class Dcc : public testing::TestWithParam<unsigned> {
protected:
    Dcc() : reactor(SimOptions(GetParam())) {
        ServerOptions options;
        options.hostname = "srv";
        server = std::make_shared<Server>(reactor, std::move(options), std::nullopt, Logger("words"));
        port = *reactor.listen(ListenSpec(Address::loopback(6667)), server);
        ann = connect("ann");
        bob = connect("bob");
        reactor.runUntil([&] { return ann->in && bob->in; });
        for (int i = 0; i < 50'000; ++i)
            file += std::to_string(i);
    }
    ~Dcc() override {
        // The server outlives its connections.
        reactor.dropConnections();
        reactor.advance(std::chrono::seconds(1));
    }
    Program* connect(const char* nick) {
        Program* made = nullptr;
        reactor
            .connect(ConnectSpec(Address::loopback(6667)), makeFactory([&](const Address&) {
                         auto program = std::make_unique<Program>(nick);
                         made = program.get();
                         return program;
                     }))
            .addCallback([](Transport*) {})
            .detach();
        reactor.runUntil([&] { return made && made->connected(); });
        return made;
    }
    /// Ann offers `file`, and bob sees the offer.
    void offer() {
        ann->dcc()
            .offerFile(
                "bob", "num bers", file.size(),
                [this](std::uint64_t at, std::size_t most) { return file.substr(at, most); },
                Address::loopback(0)
            )
            .addBoth([this](Outcome<std::uint64_t> outcome) { sent = std::move(outcome); })
            .detach();
        reactor.runUntil([&] { return bob->offered.has_value() || sent.has_value(); });
        ASSERT_TRUE(bob->offered);
        EXPECT_EQ(bob->from, "ann");
        EXPECT_EQ(bob->offered->name, "num bers");
        EXPECT_EQ(bob->offered->size, file.size());
    }
    auto take() {
        return [this](Bytes data) { got.append(data); };
    }
    void note(Deferred<std::uint64_t> taking) {
        std::move(taking).addBoth([this](Outcome<std::uint64_t> outcome) { taken = std::move(outcome); }
        ).detach();
    }

    SimReactor reactor;
    std::shared_ptr<Server> server;
    std::unique_ptr<Port> port;
    Program* ann;
    Program* bob;
    std::string file, got;
    std::optional<Outcome<std::uint64_t>> sent, taken;
};

TEST_P(Dcc, AFileArrives) {
    offer();
    note(bob->dcc().takeFile(*bob->offered, take()));
    reactor.runUntil([&] { return sent && taken; });
    EXPECT_EQ(got, file);
    EXPECT_EQ(sent->value(), file.size());
    EXPECT_EQ(taken->value(), file.size());
}

TEST_P(Dcc, AndGoesOnWhereItStopped) {
    offer();
    got = file.substr(0, 1000);
    note(bob->dcc().resumeFile("ann", *bob->offered, got.size(), take()));
    reactor.runUntil([&] { return sent && taken; });
    EXPECT_EQ(got, file);
    EXPECT_EQ(taken->value(), file.size());
}

TEST_P(Dcc, AnOfferThatNobodyTakesEnds) {
    offer();
    reactor.runUntil([&] { return sent.has_value(); });
    EXPECT_TRUE(sent->failure().check<TimeoutError>());
    note(bob->dcc().takeFile(*bob->offered, take()));
    reactor.runUntil([&] { return taken.has_value(); });
    EXPECT_TRUE(taken->failure().check<ConnectError>()) << taken->failure().message();
}

TEST_P(Dcc, ResumingWhatNobodyKnowsOfEnds) {
    offer();
    DccRequest other = *bob->offered;
    other.address = other.address.withPort(1);
    note(bob->dcc().resumeFile("ann", other, 10, take()));
    reactor.runUntil([&] { return taken.has_value(); });
    EXPECT_TRUE(taken->failure().check<TimeoutError>());
}

TEST_P(Dcc, TwoChat) {
    std::string annHeard;
    std::string bobHeard;
    bool come = false;
    ann->dcc()
        .offerChat("bob", std::make_unique<Chat>(annHeard), Address::loopback(0))
        .addCallback([&] { come = true; })
        .detach();
    reactor.runUntil([&] { return bob->offered.has_value(); });
    EXPECT_EQ(bob->offered->kind, DccRequest::Kind::chat);
    bob->dcc().takeChat(*bob->offered, std::make_unique<Chat>(bobHeard)).detach();
    reactor.runUntil([&] { return come && !annHeard.empty() && !bobHeard.empty(); });
    EXPECT_EQ(annHeard, "hello\n");
    EXPECT_EQ(bobHeard, "hello\n");
}

TEST_P(Dcc, WhoGoesTakesTheOfferAlong) {
    offer();
    ann->transport().abortConnection();
    reactor.advance(std::chrono::seconds(1));
    ASSERT_TRUE(sent);
    EXPECT_TRUE(sent->failure().check<CancelledError>());
}

INSTANTIATE_TEST_SUITE_P(Seeds, Dcc, testing::Range(1u, 21u));

} // namespace
} // namespace twistdpp::words
