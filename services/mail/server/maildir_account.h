#pragma once
#include "twistdpp/imap_server/account.h"

#include "twistdpp/reactor/reactor.h"

#include <memory>
#include <string>

namespace twistdpp::mail {

/// The mailboxes of a user for IMAP: a Maildir is the INBOX, and folders beside its "cur" are the others, as
/// Maildir++ and Dovecot have them (".Sent", ".Work.2026" for "Work/2026"). Belongs to the reactor's thread.
std::unique_ptr<imap::Account> makeMaildirAccount(Reactor& reactor, std::string maildir);

} // namespace twistdpp::mail
