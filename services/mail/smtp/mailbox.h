#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/base/result.h"

#include <compare>
#include <optional>
#include <string>

namespace twistdpp::smtp {

/// Longest parts of a path, in bytes (RFC 5321 section 4.5.3.1).
inline constexpr std::size_t kMaxLocal = 64;
inline constexpr std::size_t kMaxDomain = 255;
inline constexpr std::size_t kMaxPath = 256;

/// An address: "joe@example.com". A value. The local part is kept as it is meant (`a b` for `"a b"@x`), case
/// and all; domains are compared without case, so they are kept in lower case.
struct Mailbox {
    std::string local;
    std::string domain; // or a literal, "[192.0.2.1]", "[IPv6:2001:db8::1]"; empty: none was given

    /// As it is written in a path and a header: with quotes where they are needed.
    std::string toString() const;
    bool isLiteral() const noexcept { return !domain.empty() && domain.front() == '['; }
    /// Whether it can only be sent with SMTPUTF8 (RFC 6531).
    bool isInternational() const noexcept;
    auto operator<=>(const Mailbox&) const = default;

    /// "local@domain" alone. The error says what is wrong, for the person who wrote it.
    static Result<Mailbox> parse(Bytes text);
};

/// What stands behind "MAIL FROM:" and "RCPT TO:" up to its parameters.
struct Path {
    std::optional<Mailbox> mailbox; // nothing: "<>", the null sender
    Bytes rest;                     // what follows, borrowed; begins with a space or is empty

    /// "<joe@example.com> ...". Source routes ("<@a,@b:joe@c>") are read and forgotten (RFC 5321 appendix C);
    /// a domain may be missing, for "<postmaster>"; angle brackets may, as some programs leave them out.
    static Result<Path> parse(Bytes text);
};

/// Whether it is a host name or an address literal, as behind HELO and "@".
bool isDomain(Bytes text) noexcept;

} // namespace twistdpp::smtp
