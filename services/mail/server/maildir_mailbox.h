#pragma once
#include "twistdpp/imap_server/account.h"
#include "twistdpp/mail_store/maildir.h"

#include "twistdpp/reactor/reactor.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace twistdpp::mail {

/// Where the mailbox of that name lies; fails with imap::Refused. Called on the pool.
using MailboxPath = std::function<std::string(const std::string& name)>;

/// Opens a Maildir as a mailbox, on the pool. `pathOf`: for the targets of copies.
Deferred<std::unique_ptr<imap::Mailbox>>
openMaildirMailbox(Reactor& reactor, std::string path, MailboxPath pathOf);

} // namespace twistdpp::mail
