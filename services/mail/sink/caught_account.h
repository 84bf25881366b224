#pragma once
#include "twistdpp/imap_server/account.h"
#include "twistdpp/mail_sink/caught_mail.h"

#include <memory>

namespace twistdpp::mail {

/// What was caught, for a client of IMAP: an INBOX, with what openCaught() gives. Flags are everyone's and
/// last as long as the mail. Nothing can be put in but by SMTP. `mails` outlives it.
std::unique_ptr<imap::Account> makeCaughtAccount(CaughtMails& mails, Bytes user);

} // namespace twistdpp::mail
