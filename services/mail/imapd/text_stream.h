#pragma once
#include "twistdpp/imap_server/account.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace twistdpp::imap {

/// The texts of many messages of a mailbox, one after the other, read some at a time. Belongs to whoever
/// reads; the mailbox does not change meanwhile.
class TextStream {
public:
    TextStream(Mailbox& mailbox, std::vector<std::uint32_t> uids, Extent extent);

    /// The next message, lines with CRLF; nothing when it is gone. As often as there are UIDs.
    Deferred<std::optional<std::string>> next();

private:
    std::optional<std::string> take();

    Mailbox& mailbox_;
    std::vector<std::uint32_t> uids_;
    Extent extent_;
    std::size_t asked_ = 0; // of them
    std::deque<std::optional<std::string>> ready_;
};

} // namespace twistdpp::imap
