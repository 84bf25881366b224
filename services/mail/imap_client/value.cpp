#include "twistdpp/imap_client/value.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"
#include "twistdpp/imap/cursor.h"

#include <algorithm>

namespace twistdpp::imap {

namespace {

constexpr unsigned kDeepest = 100; // lists in lists: as the structure of a message has them

/// An atom, with what is in brackets whatever it is.
std::string readAtom(Bytes& text) {
    std::size_t end = 0;
    bool bracket = false;
    for (; end < text.size(); ++end) {
        const char c = text[end];
        bracket = c == '[' || (bracket && c != ']');
        if (!bracket && (c == ' ' || c == '(' || c == ')' || c == '"' || c == '{'))
            break;
    }
    const std::string out(text.substr(0, end));
    text.remove_prefix(end);
    return out;
}

std::optional<std::vector<Value>> readList(Bytes& text, unsigned depth) {
    std::vector<Value> out;
    while (true) {
        text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
        if (text.empty())
            return depth == 0 ? std::optional(std::move(out)) : std::nullopt;
        const char c = text.front();
        Value value;
        if (c == ')') {
            if (depth == 0)
                return std::nullopt;
            text.remove_prefix(1);
            return out;
        }
        if (c == '(') {
            text.remove_prefix(1);
            auto items = depth < kDeepest ? readList(text, depth + 1) : std::nullopt;
            if (!items)
                return std::nullopt;
            value.kind = Value::Kind::list;
            value.items = *std::move(items);
        } else if (c == '"' || c == '{') {
            Cursor cursor(text);
            auto string = cursor.string();
            if (!string)
                return std::nullopt;
            text = cursor.rest();
            value.kind = Value::Kind::string;
            value.text = *std::move(string);
        } else {
            value.text = readAtom(text);
            if (value.text.empty())
                return std::nullopt;
            value.kind = ascii::equalsIgnoreCase(value.text, "NIL") ? Value::Kind::nil : Value::Kind::atom;
        }
        out.push_back(std::move(value));
    }
}

} // namespace

bool Value::isAtom(Bytes word) const noexcept {
    return kind == Kind::atom && ascii::equalsIgnoreCase(text, word);
}

std::optional<std::uint32_t> Value::number() const noexcept {
    return kind == Kind::atom ? parseUnsigned<std::uint32_t>(text) : std::nullopt;
}

std::optional<std::uint64_t> Value::number64() const noexcept {
    return kind == Kind::atom ? parseUnsigned<std::uint64_t>(text) : std::nullopt;
}

std::optional<std::vector<Value>> readValues(Bytes text) {
    return readList(text, 0);
}

} // namespace twistdpp::imap
