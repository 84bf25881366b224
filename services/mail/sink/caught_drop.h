#pragma once
#include "twistdpp/mail_sink/caught_mail.h"
#include "twistdpp/pop3/drop.h"

#include <memory>
#include <string>

namespace twistdpp::mail {

/// What was caught, for a client of POP3: one who logs in as "joe@example.com" sees what was sent to that
/// address, anyone else sees everything. Several sessions may have it open. `mails` outlives it.
std::unique_ptr<pop3::Drop> openCaught(CaughtMails& mails, Bytes user);

} // namespace twistdpp::mail
