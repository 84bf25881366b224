#include "twistdpp/mail_queue/queued_mail.h"

#include <gtest/gtest.h>

namespace twistdpp::mail {
namespace {

QueuedMail mailFor(const std::string& address) {
    QueuedMail mail;
    mail.id = "abc123";
    mail.to.emplace_back().who.to = *smtp::Mailbox::parse(address);
    return mail;
}

TEST(QueuedMail, IsTheSameBehindItsText) {
    QueuedMail mail = mailFor("\"a b\"@example.com");
    mail.came = 1'700'000'000'123;
    mail.size = 99;
    mail.envelope.from = *smtp::Mailbox::parse("ann@example.org");
    mail.envelope.envelopeId = "x+2By";
    mail.envelope.body = smtp::Body::eightBitMime;
    mail.envelope.utf8 = mail.envelope.returnHeaders = mail.eightBit = true;
    mail.to[0].who.notify = smtp::Notify::failure | smtp::Notify::delay;
    mail.to[0].who.originalRecipient = "rfc822;joe@x";
    mail.to[0].tries = 3;
    mail.to[0].next = 1'700'000'300'000;
    mail.to[0].warned = true;
    mail.to[0].why = "mx.test: 451 4.7.1 later";
    mail.to.emplace_back().who.to = *smtp::Mailbox::parse("jürgen@example.com");
    const auto again = QueuedMail::parse(mail.toText());
    ASSERT_TRUE(again) << again.error().message();
    EXPECT_EQ(again->toText(), mail.toText());
    EXPECT_TRUE(again->to == mail.to);
    EXPECT_EQ(again->envelope.from, mail.envelope.from);
    EXPECT_EQ(again->came, mail.came);
    EXPECT_TRUE(again->eightBit && again->envelope.utf8 && again->envelope.returnHeaders);
}

TEST(QueuedMail, HasNoSenderOrTheNullSender) {
    const auto again = QueuedMail::parse(mailFor("joe@example.com").toText());
    ASSERT_TRUE(again);
    EXPECT_FALSE(again->envelope.from);
}

TEST(QueuedMail, WhatAServerSaysAddsNoLine) {
    QueuedMail mail = mailFor("joe@example.com");
    mail.to[0].why = "451 wait\nto eve@example.com";
    const auto again = QueuedMail::parse(mail.toText());
    ASSERT_TRUE(again);
    ASSERT_EQ(again->to.size(), 1U);
    EXPECT_EQ(again->to[0].why, "451 wait to eve@example.com");
}

TEST(QueuedMail, SaysWhichLineIsWrong) {
    for (const char* text :
         {"", "id abc\n", "to joe@example.com\n", "id ../x\nto joe@example.com\n", "id a\nto nobody\n",
          "id a\n tries 1\nto joe@example.com\n", "id a\nto joe@example.com\n tries -1\n",
          "id a\nsize x\nto j@x\n", "id a\ncame 18446744073709551615\nto joe@example.com\n",
          "id a\nto joe@example.com\n what 1\n"})
        EXPECT_FALSE(QueuedMail::parse(text)) << text;
    EXPECT_EQ(
        QueuedMail::parse("id a\nsize many\nto j@x\n").error().message(),
        "'size many' is no line of a mail in the queue"
    );
}

} // namespace
} // namespace twistdpp::mail
