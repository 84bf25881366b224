#pragma once
#include "twistdpp/imap/cursor.h"
#include "twistdpp/imap_server/account.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace twistdpp::imap {

/// What STATUS tells of a mailbox (RFC 9051 section 6.3.11, RFC 7162, RFC 7889).
enum class StatusItem : std::uint8_t {
    messages,
    recent,
    uidNext,
    uidValidity,
    unseen,
    deleted,
    size,
    highestModseq,
    appendLimit
};

/// Reads "(MESSAGES UNSEEN)"; nothing for what is none.
std::optional<std::vector<StatusItem>> parseStatusItems(Cursor& cursor);
/// "(MESSAGES 3 UNSEEN 1)". `appendLimit`: in bytes.
std::string
statusText(const std::vector<StatusItem>& items, const Mailbox& mailbox, std::uint64_t appendLimit);

} // namespace twistdpp::imap
