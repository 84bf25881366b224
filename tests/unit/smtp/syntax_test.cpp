#include "twistdpp/smtp/command.h"
#include "twistdpp/smtp/hop_counter.h"
#include "twistdpp/smtp/mail_handler.h"
#include "twistdpp/smtp/mailbox.h"
#include "twistdpp/smtp/reply.h"

#include <gmock/gmock.h>

// Addresses, commands and replies (RFC 5321 section 4).

namespace twistdpp::smtp {
namespace {

using testing::HasSubstr;

std::string read(Bytes text) {
    const auto path = Path::parse(text);
    if (!path)
        return "error: " + path.error().message();
    return (path->mailbox ? path->mailbox->toString() : "null") + (path->rest.empty() ? "" : "|") +
           std::string(path->rest);
}

TEST(Path, Addresses) {
    EXPECT_EQ(read("<joe@example.com>"), "joe@example.com");
    EXPECT_EQ(read(" <Joe.Doe+tag@EXAMPLE.com> SIZE=1"), "Joe.Doe+tag@example.com| SIZE=1");
    EXPECT_EQ(read("<>"), "null");
    EXPECT_EQ(read("<> BODY=7BIT"), "null| BODY=7BIT");
    EXPECT_EQ(read("joe@example.com"), "joe@example.com");
    EXPECT_EQ(read("<postmaster>"), "postmaster");
    EXPECT_EQ(read("<joe@[192.0.2.1]>"), "joe@[192.0.2.1]");
    EXPECT_EQ(read("<joe@[IPv6:2001:db8::1]>"), "joe@[ipv6:2001:db8::1]");
    EXPECT_EQ(read("<@a.example,@b.example:joe@c.example>"), "joe@c.example") << "routes are forgotten";
}

TEST(Path, QuotedLocalPartsAreWhatTheyMean) {
    EXPECT_EQ(Path::parse("<\"joe\"@x>")->mailbox->local, "joe");
    EXPECT_EQ(read("<\"joe\"@x>"), "joe@x");
    EXPECT_EQ(read("<\"a b\"@x>"), "\"a b\"@x");
    EXPECT_EQ(read("<\"a\\\"b\\\\\"@x>"), "\"a\\\"b\\\\\"@x");
    EXPECT_EQ(read("<\"a@b\"@x>"), "\"a@b\"@x");
    EXPECT_EQ(read("<\"a>b\"@x>"), "\"a>b\"@x");
}

TEST(Path, WhatIsNoneSaysWhy) {
    for (const Bytes bad : {
             Bytes("<"),
             Bytes("<joe"),
             Bytes("<joe@"),
             Bytes("<joe@>"),
             Bytes("<@x>"),
             Bytes("<joe@x"),
             Bytes("<joe@x>SIZE=1"),
             Bytes("<.joe@x>"),
             Bytes("<joe.@x>"),
             Bytes("<j..e@x>"),
             Bytes("<joe@-x>"),
             Bytes("<joe@x->"),
             Bytes("<joe@x..y>"),
             Bytes("<joe@x.>"),
             Bytes("<\"joe@x>"),
             Bytes("<\"\"@x>"),
             Bytes("<joe@[1.2.3]>"),
             Bytes("<joe@[2001:db8::1]>"),
             Bytes("<joe@[IPv6:1.2.3.4]>"),
             Bytes("<@a joe@x>"),
             Bytes("<@a:b:joe@x>"),
             Bytes("<j\x01oe@x>"),
             Bytes("<joe@x\x80>"),
             Bytes("<j\xff@x>"),
             Bytes(""),
         })
        EXPECT_FALSE(Path::parse(bad)) << bad;
    EXPECT_FALSE(Path::parse("<" + std::string(65, 'a') + "@x>"));
    EXPECT_TRUE(Path::parse("<" + std::string(64, 'a') + "@x>"));
    EXPECT_FALSE(Path::parse("<a@" + std::string(64, 'a') + ".x>")) << "a label has at most 63 bytes";
}

TEST(Mailbox, AloneWithNothingBehind) {
    EXPECT_EQ(Mailbox::parse("joe@x")->local, "joe");
    EXPECT_FALSE(Mailbox::parse("joe@x "));
    EXPECT_TRUE(Mailbox::parse("jö@x")->isInternational());
    EXPECT_FALSE(Mailbox::parse("joe@x")->isInternational());
}

std::string mail(Bytes argument, bool extended = true) {
    Envelope envelope;
    const auto no = readMail(argument, extended, 1000, envelope);
    return no ? std::to_string(no->code) + " " + no->enhanced : "ok";
}

TEST(MailCommand, Parameters) {
    Envelope envelope;
    EXPECT_FALSE(readMail(
        "FROM:<joe@x> SIZE=100 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=a+2Bb AUTH=<>", true, 1000, envelope
    ));
    EXPECT_EQ(envelope.size, 100U);
    EXPECT_EQ(envelope.body, Body::eightBitMime);
    EXPECT_TRUE(envelope.utf8 && envelope.returnHeaders);
    EXPECT_EQ(envelope.envelopeId, "a+2Bb");
    EXPECT_EQ(mail("from:<>"), "ok");
    EXPECT_EQ(mail("FROM:<joe@x> SIZE=1001"), "552 5.3.4");
    EXPECT_EQ(mail("FROM:<joe@x> SIZE=x"), "501 5.5.4");
    EXPECT_EQ(mail("FROM:<joe@x> SIZE=99999999999999999999"), "501 5.5.4");
    EXPECT_EQ(mail("FROM:<joe@x> BODY=BINARYMIME"), "501 5.5.4");
    EXPECT_EQ(mail("FROM:<joe@x> FOO=1"), "555 5.5.4");
    EXPECT_EQ(mail("FROM:<joe@x> SIZE=1", false), "555 5.5.4") << "HELO has no parameters";
    EXPECT_EQ(mail("FROM:<joe>"), "501 5.1.7");
    EXPECT_EQ(mail("<joe@x>"), "501 5.5.4");
    EXPECT_EQ(mail("FROM:<jö@x>"), "550 5.6.7");
    EXPECT_EQ(mail("FROM:<jö@x> SMTPUTF8"), "ok");
    EXPECT_EQ(mail("FROM:<joe@x> ENVID=a b"), "555 5.5.4");
    EXPECT_EQ(mail("FROM:<joe@x> ENVID=a+2"), "501 5.5.4");
}

std::string rcpt(Bytes argument, bool utf8 = false) {
    Envelope envelope;
    envelope.utf8 = utf8;
    Recipient recipient;
    const auto no = readRcpt(argument, true, envelope, recipient);
    return no ? std::to_string(no->code) + " " + no->enhanced : "ok";
}

TEST(RcptCommand, Parameters) {
    EXPECT_EQ(rcpt("TO:<joe@x>"), "ok");
    EXPECT_EQ(rcpt("TO:<Postmaster>"), "ok");
    EXPECT_EQ(rcpt("TO:<joe>"), "501 5.1.3");
    EXPECT_EQ(rcpt("TO:<>"), "501 5.1.3");
    EXPECT_EQ(rcpt("TO:<joe@x> NOTIFY=SUCCESS,delay ORCPT=rfc822;joe@x"), "ok");
    EXPECT_EQ(rcpt("TO:<joe@x> NOTIFY=NEVER,DELAY"), "501 5.5.4");
    EXPECT_EQ(rcpt("TO:<joe@x> NOTIFY="), "501 5.5.4");
    EXPECT_EQ(rcpt("TO:<joe@x> ORCPT=joe@x"), "501 5.5.4");
    EXPECT_EQ(rcpt("TO:<joe@x> SIZE=1"), "555 5.5.4");
    EXPECT_EQ(rcpt("TO:<jö@x>"), "550 5.6.7");
    EXPECT_EQ(rcpt("TO:<jö@x>", true), "ok");
}

TEST(ReplyText, NoLineIsMadeByWhatIsInIt) {
    EXPECT_EQ(Reply(250, "2.0.0", "Ok").toString(), "250 2.0.0 Ok\r\n");
    EXPECT_EQ(Reply(250, {}, "a\nb\nc").toString(), "250-a\r\n250-b\r\n250 c\r\n");
    EXPECT_EQ(Reply(550, "5.0.0", "bad\r250 good\x7f").toString(), "550 5.0.0 bad?250 good?\r\n");
    EXPECT_EQ(Reply(550, {}, std::string(2000, 'x')).toString().size(), 512U);
}

TEST(Received, TellsWhatIsKnownAndNoSecret) {
    Client client;
    client.peer = *Address::parse("2001:db8::1", 25);
    client.helo = "a(b)\r\nX: y";
    client.extended = client.encrypted = true;
    client.tlsVersion = "TLSv1.3";
    client.tlsCipher = "CIPHER";
    Envelope envelope;
    envelope.to.resize(1);
    envelope.to[0].to = *Mailbox::parse("joe@x");
    EXPECT_EQ(
        receivedLine(client, envelope, "host", "id1", dateText(0)),
        "Received: from a?b???X:?y ([IPv6:2001:db8::1])\r\n\t(TLSv1.3 CIPHER)\r\n\tby host with ESMTPS id "
        "id1\r\n"
        "\tfor <joe@x>;\r\n\tThu, 01 Jan 1970 00:00:00 +0000\r\n"
    );
    envelope.to.resize(2);
    EXPECT_THAT(receivedLine(client, envelope, "h", "i", "d"), testing::Not(HasSubstr("for <")));
}

TEST(Hops, AreCountedInTheHeaderAlone) {
    const std::string text = "Received: a\r\n b\r\nrEceived: c\r\nReceivedX: d\r\n\r\nReceived: e\r\n";
    for (std::size_t step = 1; step < text.size(); ++step) {
        HopCounter hops;
        for (Bytes rest = text; !rest.empty(); rest.remove_prefix(std::min(step, rest.size())))
            hops.read(rest.substr(0, step));
        EXPECT_EQ(hops.hops(), 2U) << step;
    }
}

} // namespace
} // namespace twistdpp::smtp
