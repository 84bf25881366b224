// layers: smtp tls
#include "twistdpp/cred/checker_maker.h"
#include "twistdpp/reactor/errors.h"
#include "twistdpp/sim/sim_reactor.h"
#include "twistdpp/smtp/smtp_sender.h"
#include "twistdpp/smtp/smtp_server.h"
#include "twistdpp/tls/self_signed.h"
#include "twistdpp/tls/tls_context.h"

#include <gtest/gtest.h>

// Both ends of SMTP against each other, over a network that cuts the bytes as it likes.

namespace twistdpp::smtp {
namespace {

struct Box {
    std::vector<std::string> messages;
    std::string protocol;
    int refusals = 0; // of recipients, before one is taken
};

class Kept final : public IncomingMessage {
public:
    explicit Kept(Box& box) : box_(box) {}
    void write(Bytes data) override { text_.append(data); }
    Deferred<Reply> end() override {
        box_.messages.push_back(text_);
        return Reply(250, "2.0.0", "kept");
    }

private:
    Box& box_;
    std::string text_;
};

class Handler final : public MailHandler {
public:
    explicit Handler(Box& box) : box_(box) {}
    Deferred<Reply> validateFrom(const Client&, const Envelope&) override {
        return Reply(250, "2.1.0", "ok");
    }
    Deferred<Reply> validateTo(const Client&, const Envelope&, const Recipient&) override {
        return box_.refusals-- > 0 ? Reply(450, "4.2.0", "later") : Reply(250, "2.1.5", "ok");
    }
    Deferred<std::unique_ptr<IncomingMessage>> receive(const Client& client, const Envelope&) override {
        box_.protocol = client.protocol();
        return std::unique_ptr<IncomingMessage>(std::make_unique<Kept>(box_));
    }

private:
    Box& box_;
};

/// A certificate for "mx.test", made once.
const PemPair& certificate() {
    static const PemPair made = *makeSelfSigned({"mx.test", "127.0.0.1"});
    return made;
}

class SmtpSim : public testing::TestWithParam<unsigned> {
protected:
    SmtpSim() : reactor(SimOptions(GetParam())) {
        options.hostname = "mx.test";
        options.handler = [this] { return std::make_unique<Handler>(box); };
        options.tls = *TlsContext::forServer(ServerTlsOptions(certificate().identity()));
        options.accounts.emplace(
            reactor, *makeCheckers(reactor, {"memory:joe:secret"}), std::make_shared<LoginThrottle>()
        );
        send.host = "127.0.0.1";
        send.port = 2525;
    }
    ~SmtpSim() override {
        reactor.dropConnections();
        reactor.advance(std::chrono::seconds(1));
    }
    void serve() {
        port = *reactor.listen(ListenSpec(Address::loopback(2525)), makeFactory([this](const Address&) {
                                   return std::make_unique<SmtpServer>(
                                       std::make_shared<const ServerOptions>(options), Logger("smtp")
                                   );
                               }));
    }
    void useTls() {
        send.tls = *TlsContext::forClient(ClientTlsOptions(Pem::text(certificate().certificate)));
        send.requireTls = true;
    }
    Outcome<SendResult> mail(const std::string& text) {
        auto sending =
            sendmail(reactor, send, "ann@example.org", {"joe@example.com", "bob@example.com"}, text);
        reactor.runUntil([&] { return sending.called(); });
        return std::move(sending).take();
    }

    SimReactor reactor;
    Box box;
    ServerOptions options;
    SendOptions send;
    std::unique_ptr<Port> port;
};

TEST_P(SmtpSim, AMailArrivesAsItWasSent) {
    serve();
    std::string text = "Subject: much\n\n";
    for (int i = 0; i < 3000; ++i)
        text += std::string(static_cast<std::size_t>(i % 7), '.') + std::to_string(i) + "\n";
    const auto outcome = mail(text);
    ASSERT_TRUE(outcome.ok()) << outcome.failure().message();
    EXPECT_EQ(outcome.value().recipients.size(), 2U);
    ASSERT_EQ(box.messages.size(), 1U);
    std::erase(box.messages[0], '\r');
    EXPECT_EQ(box.messages[0], text);
    EXPECT_EQ(box.protocol, "ESMTP");
}

TEST_P(SmtpSim, EncryptedAndLoggedIn) {
    serve();
    useTls();
    send.account.emplace("joe", Secret(Bytes("secret")));
    const auto outcome = mail("Subject: x\n\nsecret\n");
    ASSERT_TRUE(outcome.ok()) << outcome.failure().message();
    EXPECT_EQ(box.protocol, "ESMTPSA");
}

TEST_P(SmtpSim, AServerWithAnotherCertificateIsNotSpokenTo) {
    serve();
    useTls();
    send.host = "localhost";
    const auto outcome = mail("Subject: x\n\nsecret\n");
    ASSERT_FALSE(outcome.ok());
    EXPECT_EQ(box.messages.size(), 0U);
}

TEST_P(SmtpSim, WhatMayPassIsTriedAgain) {
    send.retries = 3;
    send.retryDelay = std::chrono::seconds(10);
    box.refusals = 2; // the first time both
    const Timer late = reactor.callLater(std::chrono::seconds(5), [this] { serve(); });
    const auto outcome = mail("Subject: x\n\nx\n");
    ASSERT_TRUE(outcome.ok()) << outcome.failure().message();
    EXPECT_EQ(box.messages.size(), 1U);
    EXPECT_GE(reactor.elapsed(), std::chrono::seconds(20)) << "no connection, nobody taken, and then";
}

TEST_P(SmtpSim, AndGivenUpInTheEnd) {
    send.retries = 1;
    const auto outcome = mail("Subject: x\n\nx\n");
    ASSERT_FALSE(outcome.ok());
    EXPECT_TRUE(outcome.failure().check<ConnectError>()) << outcome.failure().message();
}

INSTANTIATE_TEST_SUITE_P(Seeds, SmtpSim, testing::Range(1u, 21u));

} // namespace
} // namespace twistdpp::smtp
