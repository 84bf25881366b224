#pragma once
#include "twistdpp/imap_server/account.h"
#include "twistdpp/mail_store/maildir.h"

#include "twistdpp/reactor/reactor.h"

#include <memory>
#include <optional>
#include <string>

namespace twistdpp::mail {

/// A message of a Maildir, lines with CRLF; nothing when it is gone or cannot be read. Blocks.
std::optional<std::string>
readMessage(const Maildir& maildir, const Maildir::Entry& entry, imap::Extent extent);

/// The same block by block, each read on the pool; nullptr when it is gone or cannot be read.
Deferred<std::unique_ptr<imap::TextSource>>
openMessage(Reactor& reactor, Maildir maildir, Maildir::Entry entry);

} // namespace twistdpp::mail
