#pragma once
#include "twistdpp/dns_wire/rdata.h"

#include <cstdint>
#include <optional>
#include <string>

namespace twistdpp::dns {

/// The words of one record's data while they become wire data: how far they are read, where the wire data
/// goes, and what was wrong. Nothing is allocated unless something is wrong. For the parsers of rdata.h.
class RdataWords {
public:
    RdataWords(std::span<const Token> words, Bytes origin, std::string& to) noexcept
        : words_(words), origin_(origin), to_(to) {}

    std::size_t left() const noexcept { return words_.size() - at_; }
    /// The next word; without one, nullptr and the problem that `what` is missing.
    const Token* next(const char* what);
    Bytes origin() const noexcept { return origin_; }
    std::string& to() noexcept { return to_; }

    /// Notes "the WHAT 'WORD' WHY" and returns false.
    bool fail(const char* what, Bytes word, const char* why);
    /// Notes any other sentence and returns false.
    bool fail(std::string problem);
    std::string& problem() noexcept { return problem_; }

    /// Each takes the next word and appends its wire form.
    bool number8(const char* what);
    bool number16(const char* what);
    bool number32(const char* what);
    bool seconds(const char* what);
    bool name(const char* what);
    bool ipv4(const char* what);
    bool ipv6(const char* what);
    /// A character-string with its length in front.
    bool string(const char* what);

    /// The number that the next word is, when it is one of at most `most`.
    std::optional<std::uint32_t> number(const char* what, std::uint32_t most);

private:
    std::span<const Token> words_;
    std::size_t at_ = 0;
    Bytes origin_;
    std::string& to_;
    std::string problem_;
};

/// Decimal digits that make at most `most`.
std::optional<std::uint32_t> decimal(Bytes text, std::uint32_t most) noexcept;
/// A time to live or another span: "3600" or "1w2d3h4m5s" in any case of letters, at most 2^32-1 seconds.
std::optional<std::uint32_t> secondsFromText(Bytes text) noexcept;
/// Appends the four bytes of "192.0.2.1"; false when it is none.
bool appendIpv4(Bytes text, std::string& to);
/// Appends the sixteen bytes of "2001:db8::1"; false when it is none.
bool appendIpv6(Bytes text, std::string& to);
void appendIpv4Text(Bytes address, std::string& to);
void appendIpv6Text(Bytes address, std::string& to);

/// Appends `text` with the escapes \X and \DDD resolved (RFC 1035 section 5.1); nullptr or what is wrong.
const char* appendUnescaped(Bytes text, std::string& to);
/// Appends text in double quotes with escapes where needed.
void appendQuoted(Bytes bytes, std::string& to);
/// Appends one byte as it may stand in quotes.
void appendEscaped(char byte, std::string& to);

inline void appendNumber(std::uint32_t value, std::string& to) {
    to += std::to_string(value);
}

} // namespace twistdpp::dns
