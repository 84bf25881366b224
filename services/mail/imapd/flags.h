#pragma once
#include "twistdpp/base/bytes.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace twistdpp::imap {

/// The flags of a message are bits: those of the protocol, and behind them the keywords of its mailbox, words
/// that clients have made up, in the mailbox's order.
struct Flag {
    static constexpr unsigned seen = 1, answered = 2, flagged = 4, deleted = 8, draft = 16, forwarded = 32;
    static constexpr unsigned protocol = 63; // all of those
    static constexpr unsigned keyword(std::size_t index) noexcept { return 64U << index; }
};
inline constexpr std::size_t kMostKeywords = 26; // of a mailbox
/// The keywords of a mailbox. An empty one stands for nothing.
using Keywords = std::vector<std::string>;

/// "\Seen \Flagged urgent"
std::string flagsText(unsigned flags, const Keywords& keywords);
/// All that these keywords give names to, and those of the protocol.
unsigned knownFlags(const Keywords& keywords) noexcept;
/// 0 for a flag that the mailbox does not have.
unsigned flagOf(Bytes name, const Keywords& keywords) noexcept;

/// Flags as a client writes them.
struct FlagList {
    unsigned flags = 0; // of the protocol
    std::vector<std::string> keywords;

    /// Takes one more by its name. False when it is none: a flag with a backslash that cannot be kept is
    /// passed over, a keyword that is too long, or one too many, is not taken.
    bool add(const std::string& name);
};
/// The bits for them; gives the mailbox those keywords that it does not have. Fails with Refused when it
/// cannot have more.
unsigned takeFlags(const FlagList& list, Keywords& keywords);

/// How messages' flags are changed.
struct FlagEdit {
    enum class How : std::uint8_t { set, add, remove };
    How how = How::set;
    FlagList flags;

    /// The flags of a message that had `before`. Bits without a name stay.
    unsigned apply(unsigned before, unsigned bits, const Keywords& keywords) const noexcept;
};

} // namespace twistdpp::imap
