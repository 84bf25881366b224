#include "twistdpp/dns_zone/python_literal.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"
#include "twistdpp/dns_zone/text_file.h"

#include <algorithm>
#include <utility>

namespace twistdpp::dns {

namespace {

constexpr std::size_t kLongestText = 1 << 20; // more than any record can hold

bool isNamePart(char c) noexcept {
    return ascii::isAlpha(c) || ascii::isDigit(c) || c == '_';
}

void appendUtf8(std::uint32_t code, std::string& to) {
    const auto continuation = [&](unsigned shift) { to += static_cast<char>(0x80 | (code >> shift & 0x3f)); };
    if (code < 0x80) {
        to += static_cast<char>(code);
    } else if (code < 0x800) {
        to += static_cast<char>(0xc0 | code >> 6);
        continuation(0);
    } else if (code < 0x10000) {
        to += static_cast<char>(0xe0 | code >> 12);
        continuation(6);
        continuation(0);
    } else {
        to += static_cast<char>(0xf0 | code >> 18);
        continuation(12);
        continuation(6);
        continuation(0);
    }
}

} // namespace

bool PythonLexer::fail(std::string problem) {
    problem_ = std::move(problem);
    return false;
}

std::string PythonLexer::here() const {
    if (at_ >= text_.size())
        return "the end of the file";
    const Bytes rest = text_.substr(at_);
    std::size_t length = 0;
    while (length < rest.size() && isNamePart(rest[length]))
        ++length;
    return quoted(rest.substr(0, std::max<std::size_t>(length, 1)));
}

bool PythonLexer::skip() noexcept {
    for (; at_ < text_.size(); ++at_) {
        const char c = text_[at_];
        if (c == '#') {
            while (at_ + 1 < text_.size() && peek(1) != '\n' && peek(1) != '\r')
                ++at_;
        } else if (c == '\n' || (c == '\r' && peek(1) != '\n')) {
            ++line_;
        } else if (c == '\\' && (peek(1) == '\n' || peek(1) == '\r')) {
            continue; // a line that goes on
        } else if (c != ' ' && c != '\t' && c != '\r' && c != '\f') {
            return true;
        }
    }
    return false;
}

bool PythonLexer::take(char c) noexcept {
    if (!skip() || text_[at_] != c)
        return false;
    ++at_;
    return true;
}

Bytes PythonLexer::name() noexcept {
    if (!skip() || ascii::isDigit(text_[at_]))
        return {};
    const std::size_t begin = at_;
    while (at_ < text_.size() && isNamePart(text_[at_]))
        ++at_;
    return text_.substr(begin, at_ - begin);
}

/// Of the letters before a string's quote; npos when no string begins here.
std::size_t PythonLexer::prefixLength() const noexcept {
    for (std::size_t length = 0; length <= 2; ++length) {
        const char c = ascii::lower(peek(length));
        if (c == '"' || c == '\'')
            return length;
        if (c != 'b' && c != 'r' && c != 'u')
            break;
    }
    return Bytes::npos;
}

bool PythonLexer::atLiteral() const noexcept {
    return ascii::isDigit(peek()) || prefixLength() != Bytes::npos ||
           (text_.substr(at_).starts_with("None") && !isNamePart(peek(4)));
}

bool PythonLexer::literal(PythonValue& value) {
    value = PythonValue();
    if (ascii::isDigit(peek()))
        return number(value);
    if (prefixLength() == Bytes::npos) {
        at_ += 4; // None
        return true;
    }
    if (!string(value))
        return false;
    while (skip() && prefixLength() != Bytes::npos) {
        const PythonValue::Kind kind = value.kind;
        if (!string(value))
            return false;
        if (value.kind != kind)
            return fail("text and bytes stand side by side");
    }
    return true;
}

bool PythonLexer::number(PythonValue& value) {
    std::string digits;
    const std::size_t begin = at_;
    for (; isNamePart(peek()) || peek() == '.'; ++at_) {
        if (peek() != '_')
            digits += ascii::lower(peek());
    }
    int base = 10;
    if (digits.size() > 2 && digits[0] == '0' && !ascii::isDigit(digits[1])) {
        base = digits[1] == 'x' ? 16 : digits[1] == 'o' ? 8 : digits[1] == 'b' ? 2 : 10;
        if (base != 10)
            digits.erase(0, 2);
    }
    const auto parsed = parseUnsigned<std::uint64_t>(digits, base);
    if (!parsed || (base == 10 && digits.size() > 1 && digits[0] == '0' && *parsed != 0))
        return fail(quoted(text_.substr(begin, at_ - begin)) + " is no whole number");
    value.kind = PythonValue::Kind::number;
    value.number = *parsed;
    return true;
}

/// Appends to what the value holds.
bool PythonLexer::string(PythonValue& value) {
    bool raw = false, bytes = false;
    for (std::size_t left = prefixLength(); left > 0; --left, ++at_) {
        raw = raw || ascii::lower(peek()) == 'r';
        bytes = bytes || ascii::lower(peek()) == 'b';
    }
    value.kind = bytes ? PythonValue::Kind::bytes : PythonValue::Kind::text;
    const char quote = peek();
    const std::size_t quotes = peek(1) == quote && peek(2) == quote ? 3 : 1;
    const unsigned begin = line_;
    at_ += quotes;
    for (;;) {
        if (at_ >= text_.size() || ((peek() == '\n' || peek() == '\r') && quotes == 1)) {
            line_ = begin;
            return fail("a string is not closed");
        }
        if (peek() == quote && (quotes == 1 || (peek(1) == quote && peek(2) == quote)))
            break;
        if (value.text.size() >= kLongestText)
            return fail("a string is longer than 1 MiB");
        if (peek() == '\n' || (peek() == '\r' && peek(1) != '\n'))
            ++line_;
        if (peek() == '\\' && raw) {
            value.text += text_[at_++];
            if (at_ < text_.size() && peek() != '\n' && peek() != '\r')
                value.text += text_[at_++];
        } else if (peek() == '\\') {
            if (!escape(value.text, bytes))
                return false;
        } else {
            if (bytes && static_cast<unsigned char>(peek()) >= 0x80)
                return fail("bytes can hold characters of ASCII only; write \\x..");
            value.text += text_[at_++];
        }
    }
    at_ += quotes;
    return true;
}

bool PythonLexer::escape(std::string& to, bool bytes) {
    constexpr Bytes kLetters = "\\'\"abfnrtv";
    constexpr Bytes kMeaning = "\\'\"\a\b\f\n\r\t\v";
    const char c = peek(1);
    if (c == '\n' || c == '\r') { // the line goes on
        at_ += c == '\r' && peek(2) == '\n' ? 3 : 2;
        ++line_;
        return true;
    }
    if (const auto known = kLetters.find(c); known != Bytes::npos && c != '\0') {
        to += kMeaning[known];
        at_ += 2;
        return true;
    }
    if (c >= '0' && c <= '7') {
        std::size_t digits = 1;
        while (digits < 3 && peek(1 + digits) >= '0' && peek(1 + digits) <= '7')
            ++digits;
        at_ += 1;
        return numericEscape(to, digits, 8, bytes);
    }
    if (c == 'x' || (!bytes && (c == 'u' || c == 'U'))) {
        at_ += 2;
        return numericEscape(to, c == 'x' ? 2 : c == 'u' ? 4 : 8, 16, bytes);
    }
    if (!bytes && c == 'N')
        return fail("\\N{...} is not understood; write the character itself");
    to += '\\'; // Python leaves what it does not know
    ++at_;
    return true;
}

bool PythonLexer::numericEscape(std::string& to, std::size_t digits, int base, bool bytes) {
    const Bytes text = text_.substr(std::min(at_, text_.size()), digits);
    const auto code = parseUnsigned<std::uint32_t>(text, base);
    if (text.size() != digits || !code || *code > (bytes ? 0xffU : 0x10ffffU) ||
        (*code >= 0xd800 && *code < 0xe000))
        return fail("a string has an escape that stands for no character");
    at_ += digits;
    if (bytes)
        to += static_cast<char>(*code);
    else
        appendUtf8(*code, to);
    return true;
}

} // namespace twistdpp::dns
