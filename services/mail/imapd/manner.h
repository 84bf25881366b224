#pragma once
#include "twistdpp/base/bytes.h"

#include <optional>
#include <string>

namespace twistdpp::imap {

/// How a client wants to be talked to, by ENABLE (RFC 9051 section 6.3.1) and by what it has used. What is on
/// stays on as long as the connection.
struct Manner {
    bool rev2 = false;      // IMAP4rev2: names in UTF-8, ESEARCH for SEARCH, no RECENT
    bool condstore = false; // flags are told with their modseq (RFC 7162 section 3.1)

    /// A mailbox's name as it is written: in UTF-8 or, before rev2, in modified UTF-7. Nothing for what is
    /// none.
    std::optional<std::string> decodeName(Bytes written) const;
    void appendName(std::string& out, Bytes name) const;
};

} // namespace twistdpp::imap
