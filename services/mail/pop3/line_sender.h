#pragma once
#include "twistdpp/base/bytes.h"

#include <cstdint>
#include <limits>
#include <string>

namespace twistdpp::pop3 {

/// Makes what is sent of a message (RFC 1939 section 3): lines end with CRLF whatever they ended with, one
/// that begins with a dot gets another, and a dot alone ends it. TOP takes the header, the empty line, and
/// some lines of the body.
class LineSender {
public:
    static constexpr std::uint64_t kAll = std::numeric_limits<std::uint64_t>::max();
    explicit LineSender(std::uint64_t bodyLines = kAll) noexcept : left_(bodyLines) {}

    /// What is to be sent for some more bytes.
    std::string next(Bytes data);
    /// What is to be sent at the end.
    std::string end();
    /// Whether nothing more will come of what is still unread.
    bool done() const noexcept { return done_; }

private:
    std::uint64_t left_; // lines of the body
    bool header_ = true; // still in it
    bool lineStart_ = true;
    bool empty_ = true; // the present line, so far
    bool cr_ = false;   // seen, and not sent yet
    bool done_ = false;
};

} // namespace twistdpp::pop3
