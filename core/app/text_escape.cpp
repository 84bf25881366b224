#include "twistdpp/app/text_escape.h"

namespace twistdpp {

namespace {

void appendHex(std::string& out, Bytes introducer, unsigned char byte) {
    constexpr char digits[] = "0123456789abcdef";
    out.append(introducer).push_back(digits[byte >> 4]);
    out.push_back(digits[byte & 15]);
}

} // namespace

std::size_t utf8Length(Bytes text) noexcept {
    const auto at = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
    const auto isTail = [&](std::size_t i) { return (at(i) & 0xC0) == 0x80; };
    const unsigned first = at(0);
    if (text.empty())
        return 0;
    if (first < 0x80)
        return 1;
    if (first >= 0xC2 && first <= 0xDF)
        return isTail(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        const bool overlong = first == 0xE0 && at(1) < 0xA0;
        const bool surrogate = first == 0xED && at(1) > 0x9F;
        return isTail(1) && isTail(2) && !overlong && !surrogate ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        const bool overlong = first == 0xF0 && at(1) < 0x90;
        const bool tooHigh = first == 0xF4 && at(1) > 0x8F;
        return isTail(1) && isTail(2) && isTail(3) && !overlong && !tooHigh ? 4 : 0;
    }
    return 0;
}

void appendEscaped(std::string& out, Bytes text) {
    while (!text.empty()) {
        const auto byte = static_cast<unsigned char>(text.front());
        const std::size_t length = utf8Length(text);
        // U+0080..U+009F are control characters as well: some terminals act on them.
        const bool c1 = length == 2 && byte == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0;
        if (byte == '\n')
            out.append("\\n");
        else if (byte == '\t')
            out.append("\\t");
        else if (byte == '\r')
            out.append("\\r");
        else if (length == 0 || byte < 0x20 || byte == 0x7F || c1)
            appendHex(out, "\\x", byte);
        else
            out.append(text.substr(0, length));
        text.remove_prefix(length == 0 || c1 ? 1 : length);
    }
}

void appendJsonString(std::string& out, Bytes text) {
    out.push_back('"');
    while (!text.empty()) {
        const auto byte = static_cast<unsigned char>(text.front());
        const std::size_t length = utf8Length(text);
        if (byte == '"' || byte == '\\')
            out.append("\\").push_back(text.front());
        else if (byte == '\n')
            out.append("\\n");
        else if (byte == '\r')
            out.append("\\r");
        else if (byte == '\t')
            out.append("\\t");
        else if (length == 0)
            appendHex(out, "\\\\x", byte);
        else if (byte < 0x20 || byte == 0x7F)
            appendHex(out, "\\u00", byte);
        else
            out.append(text.substr(0, length));
        text.remove_prefix(length ? length : 1);
    }
    out.push_back('"');
}

} // namespace twistdpp
