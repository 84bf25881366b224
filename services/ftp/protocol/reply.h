#pragma once
#include "twistdpp/base/bytes.h"

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace twistdpp::ftp {

/// An answer to a command (RFC 959 section 4.2). A value.
struct Reply {
    int code = 0;
    std::vector<std::string> lines; // one at least; of several, those between the first and the last begin
                                    // with a space, so that none looks like the last

    Reply() = default;
    Reply(int number, std::string text) : code(number), lines{std::move(text)} {}

    bool positive() const noexcept { return code < 400; }
    /// As it is sent.
    std::string toString() const;
    /// The first line.
    const std::string& text() const noexcept { return lines.front(); }
};

/// A path as the answers of PWD and MKD have it: in quotes, those inside doubled.
std::string quotedPath(Bytes path);
/// The path in such an answer; empty when there is none.
std::string unquotedPath(Bytes text);

/// What a command is answered by when it cannot be done; the client's error as well.
class FtpError : public std::runtime_error {
public:
    explicit FtpError(Reply reply)
        : std::runtime_error(std::to_string(reply.code) + " " + reply.text()), reply_(std::move(reply)) {}
    FtpError(int code, std::string text) : FtpError(Reply(code, std::move(text))) {}
    const Reply& reply() const noexcept { return reply_; }

private:
    Reply reply_;
};

} // namespace twistdpp::ftp
