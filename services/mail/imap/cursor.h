#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/imap/number_set.h"

#include <cstdint>
#include <optional>
#include <string>

namespace twistdpp::imap {

/// Reads a command from its beginning to its end (RFC 9051 section 9): a command whose literals are there, in
/// their place, "A1 LOGIN {3}\r\njoe secret", without the last line's end. What does not fit gives nothing,
/// and leaves the place where it was. Borrows the text.
class Cursor {
public:
    explicit Cursor(Bytes text) noexcept : rest_(text) {}

    Bytes rest() const noexcept { return rest_; }
    bool atEnd() const noexcept { return rest_.empty(); }
    /// Takes a character, or a word in any case, when it is the next.
    bool take(char c) noexcept;
    bool takeWord(Bytes word) noexcept;
    bool space() noexcept { return take(' '); }

    /// A name without quotes, of characters that have no meaning of their own; borrowed.
    std::optional<Bytes> atom() noexcept;
    /// A command's tag.
    std::optional<Bytes> tag() noexcept;
    std::optional<std::uint32_t> number() noexcept;
    std::optional<std::uint64_t> number64() noexcept;
    std::optional<NumberSet> numberSet();
    /// In quotes, or a literal.
    std::optional<std::string> string();
    /// An atom (with ']'), or a string.
    std::optional<std::string> astring();
    /// A pattern of LIST: as astring(), with '%' and '*'.
    std::optional<std::string> listMailbox();
    /// "\Seen" or "keyword".
    std::optional<std::string> flag();

private:
    std::optional<Bytes> run(Bytes besides) noexcept;

    Bytes rest_;
};

/// What a literal's announcement at the end of a line says: "{12}", or "{12+}", which does not wait for an
/// answer (RFC 7888).
struct LiteralMark {
    std::uint64_t size = 0;
    bool waits = true;
};
std::optional<LiteralMark> literalAtEnd(Bytes line) noexcept;

/// How a server writes text: in quotes, or as a literal where quotes cannot have it.
void appendString(std::string& out, Bytes text);
/// The same, or as it is where it is an atom.
void appendAString(std::string& out, Bytes text);
/// In quotes or as a literal; empty text is NIL.
void appendNString(std::string& out, Bytes text);

} // namespace twistdpp::imap
