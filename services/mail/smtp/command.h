#pragma once
#include "twistdpp/smtp/envelope.h"
#include "twistdpp/smtp/reply.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace twistdpp::smtp {

/// Longest command line that is read, its end not counted: SMTP's own 510, and what parameters add (RFC 3461,
/// RFC 6531).
inline constexpr std::size_t kMaxCommand = 2048;

/// A command line taken to pieces; borrowed from it.
struct Command {
    std::string verb; // upper case
    Bytes argument;   // what stands behind it, without spaces at both ends

    explicit Command(Bytes line);
};

/// Reads "FROM:<path> PARAM=VALUE ..." into an envelope. Nothing when it is good, else the answer. Without
/// `extended` (HELO) there are no parameters; `sizeLimit` 0: none.
std::optional<Reply> readMail(Bytes argument, bool extended, std::uint64_t sizeLimit, Envelope& into);
/// Reads "TO:<path> PARAM=VALUE ...". A mailbox without a domain is taken for "postmaster" alone.
std::optional<Reply> readRcpt(Bytes argument, bool extended, const Envelope& envelope, Recipient& into);

} // namespace twistdpp::smtp
