#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/base/result.h"
#include "twistdpp/smtp/envelope.h"

#include <cstdint>
#include <string>
#include <vector>

namespace twistdpp::mail {

/// One whom a mail in the queue has not reached yet.
struct QueuedRecipient {
    smtp::Recipient who;
    std::uint32_t tries = 0; // so far
    std::int64_t next = 0;   // when it is tried again, in milliseconds of Unix
    bool warned = false;     // its sender was told that it takes long
    std::string why;         // what came of the last try
    bool operator==(const QueuedRecipient&) const = default;
};

/// A mail in the queue, without its text: what is on the disk of it, and in memory. Whom it has reached is
/// forgotten. A value.
struct QueuedMail {
    std::string id;          // of letters and digits
    std::int64_t came = 0;   // in milliseconds of Unix
    std::uint64_t size = 0;  // of the text, lines with CRLF
    smtp::Envelope envelope; // whose `to` is not used
    bool eightBit = false;   // something in it is beyond ASCII
    std::vector<QueuedRecipient> to;

    /// In lines; parse() reads it. The error says which line is wrong.
    std::string toText() const;
    static Result<QueuedMail> parse(Bytes text);
};

/// Whether it can be a mail's: 1 to 64 letters and digits.
bool isQueueId(Bytes text) noexcept;

} // namespace twistdpp::mail
