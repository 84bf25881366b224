#pragma once
#include "twistdpp/imap/cursor.h"
#include "twistdpp/imap_server/account.h"
#include "twistdpp/imap_server/manner.h"
#include "twistdpp/imap_server/status.h"

#include <optional>
#include <string>
#include <vector>

namespace twistdpp::imap {

/// What LIST asks for (RFC 9051 section 6.3.9, RFC 6154 section 2), and LSUB.
struct ListRequest {
    bool lsub = false;
    bool subscribed = false; // only those that are subscribed to
    bool recursive = false;  // and those that have such below them
    bool special = false;    // only those with a use
    bool tellSubscribed = false;
    std::optional<std::vector<StatusItem>> status; // to be told as well
    std::vector<std::string> patterns;             // UTF-8, with the reference; none: what divides names

    /// Reads what stands behind the command's name; nothing for what is none. A pattern that is no name of
    /// the client's manner matches nothing.
    static std::optional<ListRequest> parse(Cursor& cursor, bool lsub, const Manner& manner);
};

struct ListEntry {
    std::string name;
    std::string attributes; // "\HasNoChildren \Sent"
    bool below = false;     // it is told for one that is subscribed to below it
    bool selectable = true;
};
/// What is told, in the order of the names.
std::vector<ListEntry> listed(const ListRequest& request, const std::vector<MailboxName>& all);

} // namespace twistdpp::imap
