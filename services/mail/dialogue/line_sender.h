#pragma once
#include "twistdpp/base/bytes.h"

#include <cstdint>
#include <limits>
#include <string>

namespace twistdpp::mail {

/// Makes what is sent of a message (RFC 5321 section 4.5.2, RFC 1939 section 3): lines end with CRLF whatever
/// they ended with, a CR alone included, so that none is taken for something else on the way; one that begins
/// with a dot gets another, and a dot alone ends it. POP3's TOP takes the header, the empty line, and some
/// lines of the body.
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
    void endLine(std::string& out);

    std::uint64_t left_; // lines of the body
    bool header_ = true; // still in it
    bool empty_ = true;  // the present line, so far
    bool cr_ = false;    // seen, and what it means is not clear yet
    bool done_ = false;
};

} // namespace twistdpp::mail
