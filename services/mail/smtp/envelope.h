#pragma once
#include "twistdpp/smtp/mailbox.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace twistdpp::smtp {

/// How the bytes of a message are to be understood (RFC 6152).
enum class Body : std::uint8_t { sevenBit, eightBitMime };

/// When the sender wants to be told of a recipient (RFC 3461 section 4.1). A set of bits; 0: not said.
struct Notify {
    static constexpr unsigned never = 1, success = 2, failure = 4, delay = 8;
};

/// What RCPT adds.
struct Recipient {
    Mailbox to;
    unsigned notify = 0;           // Notify
    std::string originalRecipient; // ORCPT as it came, "rfc822;joe@example.com"; empty: not said
    bool operator==(const Recipient&) const = default;
};

/// From whom to whom, as MAIL and RCPT have said. A value.
struct Envelope {
    std::optional<Mailbox> from; // nothing: the null sender, whom nobody may answer
    std::uint64_t size = 0;      // as the client says; 0: not said
    Body body = Body::sevenBit;
    bool utf8 = false;          // SMTPUTF8
    bool returnHeaders = false; // RET=HDRS
    std::string envelopeId;     // ENVID, as it came
    std::vector<Recipient> to;
};

} // namespace twistdpp::smtp
