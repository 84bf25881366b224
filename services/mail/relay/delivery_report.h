#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/mail_queue/queued_mail.h"
#include "twistdpp/mail_relay/parcel.h"

#include <cstdint>
#include <string>
#include <vector>

namespace twistdpp::mail {

/// What a report says of one recipient.
struct ReportedRecipient {
    smtp::Recipient who;
    Verdict::Kind kind = Verdict::Kind::failed;
    bool here = false; // delivered: into a mailbox of this server
    smtp::Reply reply;
    std::string host;
};

/// A delivery status notification (RFC 3464, in the form of RFC 6522) to the sender of `mail`: what became of
/// it, for people and for programs. `text` is the mail's own, lines with LF, as far as it was read: all of
/// it is sent back when it is `whole` and the sender did not ask for its header alone. `now` and `until` (how
/// long it will be tried; 0: no more) are in milliseconds of Unix. Gives a message, lines with LF.
std::string deliveryReport(
    const QueuedMail& mail, const std::vector<ReportedRecipient>& recipients, const std::string& hostname,
    Bytes text, bool whole, std::int64_t now, std::int64_t until
);

} // namespace twistdpp::mail
