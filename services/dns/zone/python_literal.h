#pragma once
#include "twistdpp/base/bytes.h"

#include <cstdint>
#include <string>

namespace twistdpp::dns {

/// A literal of Python: text or bytes, a whole number, or None.
struct PythonValue {
    enum class Kind : std::uint8_t { none, number, text, bytes };
    Kind kind = Kind::none;
    std::uint64_t number = 0;
    std::string text; // text is UTF-8
};

/// Reads the tokens of a Python file that are literals, names and punctuation, from front to back; no code
/// is run. Every function of it that returns false has set problem(), which is a sentence.
class PythonLexer {
public:
    /// `text` is borrowed.
    explicit PythonLexer(Bytes text) noexcept : text_(text) {}

    /// Goes over blanks, line ends and comments. True when something is left.
    bool skip() noexcept;
    unsigned line() const noexcept { return line_; }
    /// The character at which the reader stands; 0 at the end.
    char peek(std::size_t ahead = 0) const noexcept {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
    }
    /// Takes the character when it comes next, blanks left out.
    bool take(char c) noexcept;
    /// A name, or empty when none comes next.
    Bytes name() noexcept;
    /// Whether a literal comes next, judged by its beginning.
    bool atLiteral() const noexcept;
    /// One literal; texts that stand side by side are one, as in Python.
    bool literal(PythonValue& value);
    /// Text in quotes for a message: what stands at the reader's place.
    std::string here() const;

    const std::string& problem() const noexcept { return problem_; }

private:
    bool number(PythonValue& value);
    bool string(PythonValue& value);
    bool escape(std::string& to, bool bytes);
    bool numericEscape(std::string& to, std::size_t digits, int base, bool bytes);
    std::size_t prefixLength() const noexcept;
    bool fail(std::string problem);

    Bytes text_;
    std::size_t at_ = 0;
    unsigned line_ = 1;
    std::string problem_;
};

} // namespace twistdpp::dns
