#include "twistdpp/mail_relay/delivery_report.h"

#include "twistdpp/mail_relay/destination.h"

#include <gtest/gtest.h>

namespace twistdpp::mail {
namespace {

using smtp::Reply;
using Kind = Verdict::Kind;

class DeliveryReport : public ::testing::Test {
protected:
    DeliveryReport() {
        mail.id = "abc";
        mail.came = 1'700'000'000'000;
        mail.envelope.from = *smtp::Mailbox::parse("ann@example.org");
        about.resize(1);
        about[0].who.to = *smtp::Mailbox::parse("joe@example.com");
        about[0].reply = Reply(550, {}, "5.1.1 no joe\nhere");
        about[0].host = "mx.example.com";
    }
    std::string make(Bytes text, bool whole = true, std::int64_t until = 0) const {
        return deliveryReport(mail, about, "relay.test", text, whole, 1'700'000'060'000, until);
    }
    static bool has(const std::string& text, Bytes part) { return text.find(part) != std::string::npos; }

    QueuedMail mail;
    std::vector<ReportedRecipient> about;
};

TEST_F(DeliveryReport, IsForPeopleAndPrograms) {
    const std::string report = make("Subject: x\n\nhello\n");
    for (const Bytes part :
         {Bytes("To: <ann@example.org>\n"), Bytes("Auto-Submitted: auto-replied\n"),
          Bytes("Content-Type: multipart/report; report-type=delivery-status;\n"),
          Bytes("    joe@example.com\n        mx.example.com: 550 5.1.1 no joe here\n"),
          Bytes("Reporting-MTA: dns; relay.test\nArrival-Date: Tue, 14 Nov 2023 22:13:20 +0000\n\n"
                "Final-Recipient: rfc822; joe@example.com\nAction: failed\nStatus: 5.1.1\n"
                "Remote-MTA: dns; mx.example.com\nDiagnostic-Code: smtp; 550 5.1.1 no joe here\n"
                "Last-Attempt-Date: Tue, 14 Nov 2023 22:14:20 +0000\n"),
          Bytes("Content-Type: message/rfc822\n\nSubject: x\n\nhello\n")})
        EXPECT_TRUE(has(report, part)) << part << "\n" << report;
}

TEST_F(DeliveryReport, OfALongMailHasTheHeaderAlone) {
    const std::string report = make("Subject: x\n\nhello and more", false);
    EXPECT_TRUE(has(report, "Content-Type: text/rfc822-headers\n\nSubject: x\n\n--"));
    EXPECT_FALSE(has(report, "hello"));
    mail.envelope.returnHeaders = true;
    EXPECT_FALSE(has(make("Subject: x\n\nhello\n"), "hello"));
}

TEST_F(DeliveryReport, OfADelaySaysUntilWhen) {
    about[0].kind = Kind::delayed;
    about[0].reply = Reply(451, "4.7.1", "later");
    const std::string report = make("Subject: x\n\n", true, 1'700'000'900'000);
    EXPECT_TRUE(has(report, "Action: delayed\nStatus: 4.7.1\n"));
    EXPECT_TRUE(has(report, "Will-Retry-Until: Tue, 14 Nov 2023 22:28:20 +0000\n"));
    EXPECT_TRUE(has(report, "It is tried until Tue, 14 Nov 2023 22:28:20 +0000.\n"));
}

TEST_F(DeliveryReport, HasWhatTheSenderCalledThem) {
    mail.envelope.envelopeId = "q+2Br+0A";
    about[0].who.originalRecipient = "rfc822;joe+2Bold@example.com";
    const std::string report = make("");
    EXPECT_TRUE(has(report, "Original-Envelope-Id: q+r+0A\n")) << report;
    EXPECT_TRUE(has(report, "Original-Recipient: rfc822; joe+old@example.com\n"));
}

TEST_F(DeliveryReport, OfAnInternationalMailIsOneItself) {
    mail.envelope.utf8 = true;
    about[0].who.to = *smtp::Mailbox::parse("jürgen@example.com");
    const std::string report = make("Subject: ü\n\n");
    EXPECT_TRUE(has(report, "Content-Type: message/global-delivery-status\nContent-Transfer-Encoding: 8bit\n")
    );
    EXPECT_TRUE(has(report, "Final-Recipient: utf-8; jürgen@example.com\n"));
    EXPECT_TRUE(has(report, "Content-Type: message/global\n"));
}

TEST(Answers, HaveAnEnhancedCodeOfTheirClass) {
    EXPECT_EQ(statusOf(Reply(550, {}, "5.7.1 no")), "5.7.1");
    EXPECT_EQ(statusOf(Reply(550, "5.1.1", "no")), "5.1.1");
    EXPECT_EQ(statusOf(Reply(450, {}, "5.7.1 no")), "4.0.0");
    EXPECT_EQ(statusOf(Reply(250, {}, "Ok")), "2.0.0");
    EXPECT_EQ(statusOf(Reply(550, {}, "5.7.1234 no")), "5.0.0");
    EXPECT_EQ(statusOf(Reply(550, {}, "5.7 no")), "5.0.0");
    EXPECT_EQ(statusOf(Reply(550, {}, "55.7.1 no")), "5.0.0");
}

TEST(BackOff, DoublesUpToALimit) {
    const RelayOptions options;
    EXPECT_EQ(backOff(options, 1), std::chrono::minutes(5));
    EXPECT_EQ(backOff(options, 2), std::chrono::minutes(10));
    EXPECT_EQ(backOff(options, 5), std::chrono::minutes(80));
    EXPECT_EQ(backOff(options, 7), std::chrono::hours(4));
    EXPECT_EQ(backOff(options, 1'000'000), std::chrono::hours(4));
}

} // namespace
} // namespace twistdpp::mail
