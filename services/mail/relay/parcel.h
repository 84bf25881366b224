#pragma once
#include "twistdpp/mail_queue/mail_spool.h"
#include "twistdpp/smtp/reply.h"

#include <memory>
#include <string>
#include <vector>

namespace twistdpp::mail {

/// What goes to one destination of a mail. A value.
struct Parcel {
    std::shared_ptr<SpooledMail> mail;
    std::vector<smtp::Mailbox> to; // of the mail's recipients
    unsigned lost = 0;             // how often a connection has broken with it
};

/// What became of a mail for one of its recipients.
struct Verdict {
    enum class Kind { delivered, relayed, delayed, failed };
    smtp::Mailbox to;
    Kind kind = Kind::delayed;
    /// Of the server that is asked last, or our own.
    smtp::Reply reply;
    std::string host; // that gave the answer; empty: none did
};

/// "5.1.1": the answer's enhanced code (RFC 3463), which other servers have in their text; made of its number
/// when it has none.
std::string statusOf(const smtp::Reply& reply);
/// The answer in one line: "550 5.1.1 there is no such mailbox".
std::string inOneLine(const smtp::Reply& reply);

} // namespace twistdpp::mail
