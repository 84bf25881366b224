#include "twistdpp/imap/cursor.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"

#include <algorithm>

namespace twistdpp::imap {

namespace {

constexpr std::size_t kMostQuoted = 1000; // longer text is a literal

/// atom-specials (RFC 3501 section 9).
bool isAtomChar(char c) noexcept {
    return c > 0x20 && c < 0x7f && Bytes("(){%*\"\\]").find(c) == Bytes::npos;
}

} // namespace

bool Cursor::take(char c) noexcept {
    if (rest_.empty() || rest_.front() != c)
        return false;
    rest_.remove_prefix(1);
    return true;
}

bool Cursor::takeWord(Bytes word) noexcept {
    if (!ascii::equalsIgnoreCase(rest_.substr(0, word.size()), word))
        return false;
    // Not the beginning of a longer one.
    if (rest_.size() > word.size() && isAtomChar(word.back()) && isAtomChar(rest_[word.size()]) &&
        rest_[word.size()] != '[' && rest_[word.size()] != '.' && rest_[word.size()] != '<')
        return false;
    rest_.remove_prefix(word.size());
    return true;
}

std::optional<Bytes> Cursor::run(Bytes besides) noexcept {
    std::size_t size = 0;
    while (size < rest_.size() && (isAtomChar(rest_[size]) || besides.find(rest_[size]) != Bytes::npos))
        ++size;
    if (size == 0)
        return std::nullopt;
    const Bytes out = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return out;
}

std::optional<Bytes> Cursor::atom() noexcept {
    return run({});
}

std::optional<Bytes> Cursor::tag() noexcept {
    const Bytes before = rest_;
    const auto out = run("]");
    if (out && out->find('+') == Bytes::npos)
        return out;
    rest_ = before;
    return std::nullopt;
}

std::optional<std::uint64_t> Cursor::number64() noexcept {
    const std::size_t size = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
    const auto value = parseUnsigned<std::uint64_t>(rest_.substr(0, size));
    if (value)
        rest_.remove_prefix(size);
    return value;
}

std::optional<std::uint32_t> Cursor::number() noexcept {
    const Bytes before = rest_;
    const auto value = number64();
    if (value && *value <= 0xffffffffU)
        return static_cast<std::uint32_t>(*value);
    rest_ = before;
    return std::nullopt;
}

std::optional<NumberSet> Cursor::numberSet() {
    const std::size_t size = std::min(rest_.find_first_not_of("0123456789:,*"), rest_.size());
    auto out = NumberSet::parse(rest_.substr(0, size));
    if (out)
        rest_.remove_prefix(size);
    return out;
}

std::optional<std::string> Cursor::string() {
    std::string out;
    if (rest_.starts_with('"')) {
        std::size_t at = 1;
        for (; at < rest_.size() && rest_[at] != '"'; ++at) {
            if (rest_[at] == '\\')
                ++at;
            if (at >= rest_.size() || rest_[at] == '\r' || rest_[at] == '\n')
                return std::nullopt;
            out += rest_[at];
        }
        if (at >= rest_.size())
            return std::nullopt;
        rest_.remove_prefix(at + 1);
        return out;
    }
    const std::size_t end = rest_.find("\r\n");
    if (!rest_.starts_with('{') || end == Bytes::npos)
        return std::nullopt;
    const auto mark = literalAtEnd(rest_.substr(0, end));
    if (!mark || rest_.substr(0, end).rfind('{') != 0 || mark->size > rest_.size() - end - 2)
        return std::nullopt;
    out = rest_.substr(end + 2, static_cast<std::size_t>(mark->size));
    rest_.remove_prefix(end + 2 + out.size());
    return out;
}

std::optional<std::string> Cursor::astring() {
    if (rest_.starts_with('"') || rest_.starts_with('{'))
        return string();
    const auto out = run("]");
    return out ? std::optional<std::string>(*out) : std::nullopt;
}

std::optional<std::string> Cursor::listMailbox() {
    if (rest_.starts_with('"') || rest_.starts_with('{'))
        return string();
    const auto out = run("]%*");
    return out ? std::optional<std::string>(*out) : std::nullopt;
}

std::optional<std::string> Cursor::flag() {
    const Bytes before = rest_;
    std::string out = take('\\') ? "\\" : "";
    if (const auto name = atom())
        return out.append(*name);
    rest_ = before;
    return std::nullopt;
}

std::optional<LiteralMark> literalAtEnd(Bytes line) noexcept {
    if (!line.ends_with('}'))
        return std::nullopt;
    line.remove_suffix(1);
    LiteralMark out;
    if (line.ends_with('+')) {
        out.waits = false;
        line.remove_suffix(1);
    }
    const std::size_t open = line.rfind('{');
    if (open == Bytes::npos)
        return std::nullopt;
    const auto size = parseUnsigned<std::uint64_t>(line.substr(open + 1));
    if (!size)
        return std::nullopt;
    out.size = *size;
    return out;
}

void appendString(std::string& out, Bytes text) {
    const bool quotable = text.size() <= kMostQuoted &&
                          std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
    if (!quotable) {
        out.append("{").append(std::to_string(text.size())).append("}\r\n").append(text);
        return;
    }
    out += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\')
            out += '\\';
        out += c;
    }
    out += '"';
}

void appendAString(std::string& out, Bytes text) {
    const bool atom = !text.empty() && std::all_of(text.begin(), text.end(), isAtomChar);
    atom ? static_cast<void>(out.append(text)) : appendString(out, text);
}

void appendNString(std::string& out, Bytes text) {
    text.empty() ? static_cast<void>(out.append("NIL")) : appendString(out, text);
}

} // namespace twistdpp::imap
