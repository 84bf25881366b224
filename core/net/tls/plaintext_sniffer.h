#pragma once
#include "twistdpp/base/bytes.h"

#include <string>

namespace twistdpp::detail {

/// Looks at how a peer begins and tells TLS from a protocol of text lines: the first record of a handshake
/// starts with byte 22 (RFC 8446 section 5.1), text with something that can be printed.
class PlaintextSniffer {
public:
    enum class Verdict { tls, undecided, plaintext };
    static constexpr std::size_t kMost = 1024;

    /// The next bytes. After `tls` the caller has them to itself and asks no more; text is collected up to
    /// the end of its first line.
    Verdict look(Bytes data);
    /// The peer sends no more: what there is must do. False: it has sent nothing that is text.
    bool hasText() const noexcept { return !text_.empty(); }
    const std::string& text() const noexcept { return text_; }
    /// The first line for a log: no control characters, at most 60.
    std::string excerpt() const;

private:
    std::string text_;
};

} // namespace twistdpp::detail
