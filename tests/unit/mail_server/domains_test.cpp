#include "twistdpp/mail_server/local_delivery.h"

#include "support/scratch_folder.h"
#include "unit/net/doubles.h"

#include <gmock/gmock.h>

namespace twistdpp::mail {
namespace {

using testing::HasSubstr;

class DomainsTest : public testing::Test {
protected:
    DomainsTest() {
        folder.write("one/passwd/" + UserFolder::fileName("joe"), "secret");
        folder.write("two/passwd/" + UserFolder::fileName("ann"), "secret");
    }
    Domains& open(bool isDefault = false, bool unknownToPostmaster = false) {
        std::vector<Domain> all;
        all.emplace_back("one.test", folder.path() + "/one");
        all.emplace_back("two.test", folder.path() + "/two");
        all[1].isDefault = isDefault;
        all[1].unknownToPostmaster = unknownToPostmaster;
        domains = *Domains::open(std::move(all), false, Logger("mail"));
        return *domains;
    }
    /// Relative to the folder; "none".
    std::string where(const std::string& address) {
        smtp::Mailbox mailbox;
        if (const auto at = address.rfind('@'); at != std::string::npos)
            mailbox = *smtp::Mailbox::parse(address);
        else
            mailbox.local = address;
        const Destinations to = domains->resolve(mailbox);
        return to.maildirs.empty() ? "none" : to.maildirs.front().substr(folder.path().size() + 1);
    }
    test::ScratchFolder folder;
    std::unique_ptr<Domains> domains;
};

TEST_F(DomainsTest, AddressesAndTheirMailboxes) {
    open();
    EXPECT_EQ(where("joe@one.test"), "one/joe");
    EXPECT_EQ(where("JOE@ONE.test"), "one/joe");
    EXPECT_EQ(where("joe+lists@one.test"), "one/joe");
    EXPECT_EQ(where("joe@two.test"), "none");
    EXPECT_EQ(where("ann@two.test"), "two/ann");
    EXPECT_EQ(where("joe@elsewhere.test"), "none");
    EXPECT_EQ(where("postmaster@two.test"), "two/postmaster");
    EXPECT_EQ(where("postmaster"), "one/postmaster");
    for (const char* probe :
         {"joe%two.test@one.test", "\"joe@two.test\"@one.test", "\"../two/ann\"@one.test"})
        EXPECT_EQ(where(probe), "none") << probe;
}

TEST_F(DomainsTest, ADefaultTakesWhatNobodyHas) {
    open(true);
    EXPECT_EQ(where("ann@elsewhere.test"), "two/ann");
    EXPECT_EQ(where("joe@elsewhere.test"), "none");
    EXPECT_EQ(where("postmaster"), "two/postmaster");
    open(false, true);
    EXPECT_EQ(where("nobody@two.test"), "two/postmaster");
    EXPECT_EQ(where("nobody@one.test"), "none");
}

TEST_F(DomainsTest, WhoMayLogIn) {
    open(true);
    EXPECT_EQ(domains->table()->entries.size(), 3U);
    EXPECT_EQ(domains->table()->entries.count("ann"), 1U) << "the default domain's by the name alone";
    EXPECT_EQ(domains->table()->entries.count("joe"), 0U);
    EXPECT_EQ(domains->maildirOf("joe@one.test")->substr(folder.path().size()), "/one/joe");
    EXPECT_FALSE(domains->maildirOf("joe"));
    EXPECT_TRUE(domains->table()->allInClear);
}

TEST_F(DomainsTest, NewUsersAreSeenAndMistakesChangeNothing) {
    open();
    folder.write("one/passwd/" + UserFolder::fileName("cat"), "meow");
    EXPECT_EQ(where("cat@one.test"), "one/cat");
    folder.write("one/passwd/" + UserFolder::fileName("dog"), "{FOO}x");
    EXPECT_EQ(where("dog@one.test"), "none");
    EXPECT_EQ(where("cat@one.test"), "one/cat");
}

class Delivery : public DomainsTest {
protected:
    Delivery() {
        open();
        handler = std::make_unique<LocalDelivery>(
            std::make_shared<Deliveries>(reactor, *domains, "mx.test", Logger("mail"))
        );
        client.peer = Address::loopback(4000);
        client.helo = "me";
    }
    smtp::Reply to(const std::string& address) {
        smtp::Recipient recipient;
        recipient.to = *smtp::Mailbox::parse(address);
        const smtp::Reply reply = handler->validateTo(client, envelope, recipient).take().value();
        if (reply.positive())
            envelope.to.push_back(recipient);
        return reply;
    }
    smtp::Reply send(Bytes text) {
        auto message = handler->receive(client, envelope).take().value();
        message->write(text);
        auto end = message->end();
        reactor.turn();
        return std::move(end).take().value();
    }
    std::string only(const std::string& user) {
        for (const auto& each : std::filesystem::directory_iterator(folder.path() + "/" + user + "/new")) {
            std::ifstream file(each.path());
            return {std::istreambuf_iterator<char>(file), {}};
        }
        return "nothing";
    }
    test::ManualReactor reactor;
    std::unique_ptr<LocalDelivery> handler;
    smtp::Client client;
    smtp::Envelope envelope;
};

TEST_F(Delivery, ReachesEachMailboxOnce) {
    envelope.from = *smtp::Mailbox::parse("a@b");
    EXPECT_EQ(to("joe@one.test").code, 250);
    EXPECT_EQ(to("joe+x@one.test").code, 250);
    EXPECT_EQ(to("ann@two.test").code, 250);
    EXPECT_EQ(to("nobody@two.test").code, 550);
    EXPECT_EQ(to("joe@elsewhere.test").enhanced, "5.7.1");
    EXPECT_THAT(send("Subject: x\r\n\r\nhello\r\n").text, HasSubstr("kept as"));
    const std::string joe = only("one/joe");
    EXPECT_THAT(
        joe, testing::StartsWith(
                 "Return-Path: <a@b>\nDelivered-To: joe@one.test\nReceived: from me ([127.0.0.1])\n"
             )
    );
    EXPECT_THAT(joe, testing::EndsWith("Subject: x\n\nhello\n"));
    EXPECT_EQ(joe.find('\r'), std::string::npos);
    EXPECT_THAT(only("two/ann"), HasSubstr("Delivered-To: ann@two.test\n"));
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path() + "/one/joe/new"), {}), 1);
}

TEST_F(Delivery, WhatCannotBeKeptIsNotAccepted) {
    EXPECT_EQ(to("joe@one.test").code, 250);
    folder.write("one/joe", "a file where the folder should be");
    const smtp::Reply reply = send("x\r\n");
    EXPECT_EQ(reply.code, 451);
    EXPECT_EQ(reply.enhanced, "4.3.0");
}

} // namespace
} // namespace twistdpp::mail
