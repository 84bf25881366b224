#include "twistdpp/mail_sink/catching_handler.h"
#include "twistdpp/mail_sink/caught_drop.h"
#include "twistdpp/mail_sink/message_json.h"

#include "support/string_transport.h"
#include "unit/net/doubles.h"

#include "twistdpp/smtp/smtp_server.h"

#include <gmock/gmock.h>

// What a sink keeps, what it finds again, and what it answers when it is told to be of no use.

namespace twistdpp::mail {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

CaughtMail mail(const std::string& from, const std::string& to, const std::string& message) {
    CaughtMail out;
    out.from = from;
    out.to = {to};
    out.message = message;
    return out;
}

std::vector<std::uint64_t> idsOf(const CaughtMails& mails) {
    std::vector<std::uint64_t> out;
    for (const CaughtMailPtr& each : mails.all())
        out.push_back(each->id);
    return out;
}

TEST(CaughtMailsTest, TheOldestGoFirst) {
    CaughtMails three(3, 1'000'000);
    for (int i = 0; i < 5; ++i)
        three.add(mail("a@x", "b@x", "text"));
    EXPECT_THAT(idsOf(three), ElementsAre(3, 4, 5));
    CaughtMails few(100, 10);
    few.add(mail("a@x", "b@x", "12345678"));
    few.add(mail("a@x", "b@x", "1234"));
    EXPECT_THAT(idsOf(few), ElementsAre(2));
    few.add(mail("a@x", "b@x", "more than all that there is room for"));
    EXPECT_THAT(idsOf(few), ElementsAre(3));
}

TEST(CaughtMailsTest, FindsAndRemoves) {
    CaughtMails mails(10, 1'000'000);
    int told = 0;
    auto watch = mails.watch([&] { ++told; });
    for (int i = 0; i < 3; ++i)
        mails.add(mail("a@x", "b@x", "text"));
    ASSERT_TRUE(mails.find(2));
    EXPECT_TRUE(mails.remove(2));
    EXPECT_FALSE(mails.remove(2));
    EXPECT_FALSE(mails.find(2));
    EXPECT_FALSE(mails.find(99));
    EXPECT_THAT(idsOf(mails), ElementsAre(1, 3));
    EXPECT_EQ(told, 4);
    watch.reset();
    mails.clear();
    EXPECT_EQ(told, 4);
    EXPECT_EQ(mails.add(mail("a@x", "b@x", "text"))->id, 4U); // no id comes twice
}

TEST(CaughtMailsTest, ASearchLooksAtWhatPeopleSee) {
    CaughtMails mails(10, 1'000'000);
    const CaughtMailPtr found = mails.add(mail(
        "Ann@Example.org", "joe@example.com",
        "Subject: =?utf-8?q?Caf=C3=A9?=\r\nContent-Transfer-Encoding: base64\r\n\r\nSGVsbG8gV29ybGQ=\r\n"
    ));
    for (const Bytes search : {"", "hello", "WORLD hello", "from:ann", "to:joe@", "subject:caf\xc3\xa9 ann@"})
        EXPECT_TRUE(found->matches(search)) << search;
    for (const Bytes search : {"nobody", "hello nobody", "from:joe", "to:ann", "subject:hello", "sgvsbg8"})
        EXPECT_FALSE(found->matches(search)) << search;
}

TEST(CaughtMailsTest, OneWithAnAddressSeesWhatIsForIt) {
    CaughtMails mails(10, 1'000'000);
    mails.add(mail("a@x", "joe@x.test", "one\r\n"));
    mails.add(mail("a@x", "ann@x.test", "two\r\n"));
    EXPECT_EQ(openCaught(mails, "joe")->count(), 2U);
    const auto drop = openCaught(mails, "JOE@x.test");
    ASSERT_EQ(drop->count(), 1U);
    EXPECT_EQ(drop->size(0), 5U);
    EXPECT_TRUE(drop->remove({0}).called());
    EXPECT_THAT(idsOf(mails), ElementsAre(2));
}

TEST(FaultTest, WhatARuleMayBe) {
    const auto fault = Fault::parse(" 451 at rcpt for *@slow.test times 3 chance 20% ");
    ASSERT_TRUE(fault);
    EXPECT_EQ(fault->stage, FaultStage::rcpt);
    EXPECT_EQ(fault->reply->code, 451);
    EXPECT_EQ(fault->reply->enhanced, "4.0.0");
    EXPECT_EQ(fault->pattern, "*@slow.test");
    EXPECT_EQ(fault->times, 3U);
    EXPECT_EQ(fault->chance, 20U);
    EXPECT_EQ(Fault::parse("delay 1500ms at DATA")->delay, std::chrono::milliseconds(1500));
    EXPECT_EQ(Fault::parse("drop at END")->reply->code, 0);
    for (const Bytes wrong :
         {"", "451", "451 at", "451 at LUNCH", "250 at RCPT", "600 at RCPT", "drop at END for",
          "451 at RCPT times x", "451 at RCPT chance 20", "451 at RCPT chance 101%", "delay at DATA",
          "451 at RCPT for a extra b", "451 at RCPT for *********"})
        EXPECT_FALSE(Fault::parse(wrong)) << wrong;
}

TEST(FaultTest, TheFirstAnswerCountsAndAllDelaysDo) {
    Faults faults;
    std::vector<Fault> rules;
    for (const Bytes rule :
         {"delay 1s at RCPT", "550 at RCPT for joe@* times 1", "451 at RCPT for *@X.TEST",
          "delay 2s at RCPT for j?e@*", "421 at RCPT chance 0%"})
        rules.push_back(*Fault::parse(rule));
    faults.set(std::move(rules));
    const auto codeFor = [&](const std::string& address) {
        const auto outcome = faults.next(FaultStage::rcpt, {address});
        return outcome.reply ? outcome.reply->code : 0;
    };
    EXPECT_EQ(faults.next(FaultStage::rcpt, {"joe@y.test"}).delay, std::chrono::seconds(3));
    EXPECT_EQ(codeFor("joe@x.test"), 451); // 550 came once
    EXPECT_EQ(codeFor("ann@y.test"), 0);
    EXPECT_FALSE(faults.next(FaultStage::data, {"joe@x.test"}).reply);
}

class SinkDialogue : public testing::Test {
protected:
    SinkDialogue() : sink(std::make_shared<Sink>(reactor, 10, 1'000'000, Logger("mail"))) {
        smtp::ServerOptions options;
        options.handler = [this] { return std::make_unique<CatchingHandler>(sink); };
        transport.connect(std::make_unique<smtp::SmtpServer>(
            std::make_shared<const smtp::ServerOptions>(options), Logger("smtp")
        ));
        say("EHLO me");
    }
    void fault(Bytes rule) { sink->faults.set({*Fault::parse(rule)}); }
    /// What is answered to a line.
    std::string say(const std::string& line) {
        const std::size_t before = transport.value().size();
        transport.receive(line + "\r\n");
        return std::string(transport.value().substr(before));
    }
    std::string mail() {
        say("MAIL FROM:<ann@x.test>");
        say("RCPT TO:<joe@y.test>");
        say("DATA");
        return say("Subject: x\r\n\r\n..dot\r\n.");
    }

    test::ManualReactor reactor;
    std::shared_ptr<Sink> sink;
    test::StringTransport transport{reactor};
};

TEST_F(SinkDialogue, EverythingIsCaughtAsItWasSent) {
    EXPECT_EQ(mail(), "250 2.0.0 Ok: caught as 1\r\n");
    const CaughtMailPtr caught = sink->mails.find(1);
    ASSERT_TRUE(caught);
    EXPECT_EQ(caught->from, "ann@x.test");
    EXPECT_THAT(caught->to, ElementsAre("joe@y.test"));
    EXPECT_EQ(caught->message, "Subject: x\r\n\r\n.dot\r\n");
    EXPECT_EQ(caught->protocol, "ESMTP");
}

TEST_F(SinkDialogue, AnswersThatAreAskedFor) {
    fault("451 at RCPT for joe@*");
    say("MAIL FROM:<a@b.test>");
    EXPECT_EQ(say("RCPT TO:<joe@y.test>"), "451 4.0.0 as asked for by \"451 at RCPT for joe@*\"\r\n");
    EXPECT_EQ(say("RCPT TO:<ann@y.test>"), "250 2.1.5 Ok\r\n");
    fault("554 at DATA");
    EXPECT_THAT(say("DATA"), HasSubstr("554 5.0.0"));
    fault("452 at END");
    EXPECT_THAT(mail(), HasSubstr("452 4.0.0"));
    EXPECT_TRUE(sink->mails.all().empty());
}

TEST_F(SinkDialogue, AnAnswerThatComesLate) {
    fault("delay 5s at MAIL");
    EXPECT_EQ(say("MAIL FROM:<a@b.test>"), "");
    reactor.advance(std::chrono::seconds(5));
    EXPECT_THAT(std::string(transport.value()), EndsWith("250 2.1.0 Ok\r\n"));
}

TEST_F(SinkDialogue, AConnectionThatEndsWithoutAWord) {
    fault("drop at END");
    EXPECT_EQ(mail(), "");
    EXPECT_TRUE(transport.aborted());
    EXPECT_EQ(sink->mails.all().size(), 1U); // it was taken, which the sender cannot know
}

TEST_F(SinkDialogue, AServerThatCloses) {
    fault("421 at RCPT");
    say("MAIL FROM:<a@b.test>");
    EXPECT_THAT(say("RCPT TO:<joe@y.test>"), HasSubstr("421 4.0.0"));
    EXPECT_EQ(say("NOOP"), "");
}

TEST(MessageJson, WhatIsShown) {
    CaughtMails mails(10, 1'000'000);
    const auto caught = mails.add(mail(
        "a@x", "b@x",
        "Subject: \"quoted\"\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: "
        "text/html\r\n\r\n"
        "<img src=\"cid:one\"><img src='cid:two'>\r\n--b\r\nContent-Type: image/png\r\nContent-ID: <one>\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\nAAEC\r\n--b--\r\n"
    ));
    const std::string json = messageJson(*caught);
    EXPECT_THAT(json, HasSubstr(R"("subject":"\"quoted\"")"));
    EXPECT_THAT(json, HasSubstr(R"("attachments":[{"name":"","type":"image/png","size":3}])"));
    const mime::Part message = mime::parseMessage(caught->message);
    EXPECT_EQ(
        selfContained(mime::overviewOf(message).html->text(), message),
        "<img src=\"data:image/png;base64,AAEC\"><img src='cid:two'>"
    );
}

} // namespace
} // namespace twistdpp::mail
