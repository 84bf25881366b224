// layers: mail_relay smtp
#include "twistdpp/dns_resolver/client.h"
#include "twistdpp/mail_relay/relay.h"
#include "twistdpp/sim/sim_reactor.h"
#include "twistdpp/smtp/smtp_server.h"

#include "support/scratch_folder.h"

#include <gtest/gtest.h>
#include <map>
#include <random>

// Days of a relay's life, with servers that do what a seed says: no mail is lost, and every sender is told
// the truth.

namespace twistdpp::mail {
namespace {

using smtp::Reply;
using std::chrono::hours;
using std::chrono::minutes;

/// What the other server does.
struct Mood {
    bool listens = true;
    unsigned refuses = 0;             // of 100 recipients, with 450
    unsigned breaks = 0;              // of 100 messages: the connection ends in place of an answer
    bool never = false;               // refuses for good
    std::map<std::string, int> taken; // messages, by their first line
    std::mt19937 random;

    bool chance(unsigned percent) { return random() % 100 < percent; }
};

class Taken final : public smtp::IncomingMessage {
public:
    explicit Taken(Mood& mood) : mood_(mood) {}
    void write(Bytes data) override { text_.append(data); }
    Deferred<Reply> end() override {
        const bool breaks = mood_.chance(mood_.breaks);
        // It may have it nevertheless.
        if (!breaks || mood_.chance(50))
            ++mood_.taken[text_.substr(
                text_.find("Subject: "), text_.find("\r\n\r\n") - text_.find("Subject: ")
            )];
        return breaks ? Reply::none() : Reply(250, "2.0.0", "ok");
    }

private:
    Mood& mood_;
    std::string text_;
};

class Handler final : public smtp::MailHandler {
public:
    explicit Handler(Mood& mood) : mood_(mood) {}
    Deferred<Reply> validateFrom(const smtp::Client&, const smtp::Envelope&) override {
        return Reply(250, "2.1.0", "ok");
    }
    Deferred<Reply> validateTo(const smtp::Client&, const smtp::Envelope&, const smtp::Recipient&) override {
        if (mood_.never)
            return Reply(550, "5.1.1", "nobody");
        return mood_.chance(mood_.refuses) ? Reply(450, "4.2.0", "later") : Reply(250, "2.1.5", "ok");
    }
    Deferred<std::unique_ptr<smtp::IncomingMessage>>
    receive(const smtp::Client&, const smtp::Envelope&) override {
        return std::unique_ptr<smtp::IncomingMessage>(std::make_unique<Taken>(mood_));
    }

private:
    Mood& mood_;
};

class MailRelaySim : public testing::TestWithParam<unsigned> {
protected:
    MailRelaySim() : reactor(SimOptions(GetParam())) {
        mood.random.seed(GetParam());
        served->hostname = "there.test";
        served->handler = [this] { return std::make_unique<Handler>(mood); };
        options.hostname = "relay.test";
        options.via = "127.0.0.1";
        options.viaPort = 2525;
        open();
    }
    ~MailRelaySim() override {
        relay.reset();
        reactor.dropConnections();
        reactor.advance(std::chrono::seconds(1));
    }
    void open() {
        std::vector<SpoolFiles::Found> found;
        auto files = SpoolFiles::open(folder.path() + "/queue", found);
        ASSERT_TRUE(files) << files.error().message();
        auto resolver = dns::Resolver::make(reactor, dns::ResolverOptions({Address::loopback(53)}));
        relay = std::make_unique<Relay>(
            reactor, folder.path() + "/queue", *std::move(files), std::move(found),
            Routes(dns::Client(*std::move(resolver)), "relay.test", 2525), options,
            [this](Report report) {
                reports.push_back(std::move(report.text));
                return std::optional<Error>();
            },
            Logger("mail"), metrics
        );
        relay->start();
    }
    void listen() {
        port = *reactor.listen(ListenSpec(Address::loopback(2525)), makeFactory([this](const Address&) {
                                   return std::make_unique<smtp::SmtpServer>(served, Logger("smtp"));
                               }));
    }
    void hand(const std::string& name, bool withSender = true) {
        QueuedMail mail;
        mail.id = name;
        mail.came = relay->now();
        if (withSender)
            mail.envelope.from = *smtp::Mailbox::parse("ann@example.org");
        mail.to.emplace_back().who.to = *smtp::Mailbox::parse("joe@there.test");
        auto body = std::make_shared<MessageSpool>(folder.path());
        EXPECT_TRUE(body->append("Subject: " + name + "\r\n\r\nhello\r\n"));
        auto accepted = relay->accept(std::move(mail), "Received: x\n", std::move(body));
        reactor.runUntil([&] { return accepted.called(); });
        EXPECT_FALSE(std::move(accepted).take().value());
    }
    std::size_t reportsWith(Bytes text) const {
        return static_cast<std::size_t>(std::count_if(
            reports.begin(), reports.end(),
            [&](const std::string& each) { return each.find(text) != std::string::npos; }
        ));
    }

    test::ScratchFolder folder;
    SimReactor reactor;
    Mood mood;
    std::shared_ptr<smtp::ServerOptions> served = std::make_shared<smtp::ServerOptions>();
    RelayOptions options;
    std::unique_ptr<Port> port;
    Metrics metrics;
    std::unique_ptr<Relay> relay;
    std::vector<std::string> reports;
};

TEST_P(MailRelaySim, EveryMailArrivesAtAServerOfBadMood) {
    mood.refuses = 40;
    mood.breaks = 20;
    listen();
    for (int i = 0; i < 40; ++i)
        hand("m" + std::to_string(i));
    EXPECT_TRUE(reactor.runUntil([&] { return relay->size() == 0; }, hours(72)));
    EXPECT_EQ(mood.taken.size(), 40U);
    EXPECT_EQ(reportsWith("Action: failed"), 0U);
}

TEST_P(MailRelaySim, AServerThatIsAwayForADayGetsItWhenItIsBack) {
    for (int i = 0; i < 10; ++i)
        hand("m" + std::to_string(i));
    reactor.advance(hours(24));
    EXPECT_EQ(relay->size(), 10U);
    EXPECT_EQ(reportsWith("Action: delayed"), 10U) << "each sender is told, once";
    listen();
    EXPECT_TRUE(reactor.runUntil([&] { return relay->size() == 0; }, hours(5)))
        << "the pauses end at four hours";
    EXPECT_EQ(mood.taken.size(), 10U);
    EXPECT_EQ(reportsWith("Action: failed"), 0U);
}

TEST_P(MailRelaySim, WhatIsTooOldGoesBackAndReportsDoNot) {
    hand("mail");
    hand("report", false);
    reactor.advance(hours(30));
    EXPECT_EQ(relay->size(), 1U) << "a report is given up behind a day";
    reactor.advance(hours(100));
    EXPECT_EQ(relay->size(), 0U);
    EXPECT_EQ(reportsWith("Action: failed\nStatus: 5.4.7"), 1U);
    EXPECT_EQ(reportsWith("Action: delayed"), 1U);
    EXPECT_EQ(reports.size(), 2U);
}

TEST_P(MailRelaySim, AProcessThatDiesForgetsNothing) {
    mood.refuses = 50;
    listen();
    for (int i = 0; i < 20; ++i)
        hand("m" + std::to_string(i));
    for (int life = 0; life < 4; ++life) {
        reactor.advance(minutes(life));
        relay.reset();
        reactor.dropConnections();
        reactor.advance(std::chrono::seconds(1));
        open();
    }
    EXPECT_TRUE(reactor.runUntil([&] { return relay->size() == 0; }, hours(72)));
    EXPECT_EQ(mood.taken.size(), 20U);
}

TEST_P(MailRelaySim, ARefusalIsToldAtOnceAndOnce) {
    mood.never = true;
    listen();
    hand("mail");
    EXPECT_TRUE(reactor.runUntil([&] { return relay->size() == 0; }, minutes(5)));
    EXPECT_EQ(reportsWith("Status: 5.1.1"), 1U);
    EXPECT_EQ(reports.size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, MailRelaySim, testing::Range(0U, 12U));

} // namespace
} // namespace twistdpp::mail
