#include "twistdpp/imap/mailbox_name.h"

#include "twistdpp/base/utf8.h"

#include <algorithm>
#include <cstdint>

namespace twistdpp::imap {

namespace {

constexpr Bytes kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

bool isPlain(char c) noexcept {
    return c >= 0x20 && c <= 0x7e;
}

/// The character that UTF-8 text begins with, which is taken off. The text is valid.
std::uint32_t takeCharacter(Bytes& text) {
    const std::size_t size = utf8::characterSize(text);
    auto value = static_cast<std::uint32_t>(static_cast<unsigned char>(text[0]));
    if (size > 1)
        value &= 0xffU >> (size + 1);
    for (std::size_t i = 1; i < size; ++i)
        value = value << 6U | (static_cast<unsigned char>(text[i]) & 0x3fU);
    text.remove_prefix(size);
    return value;
}

void appendUtf8(std::string& out, std::uint32_t value) {
    if (value < 0x80) {
        out += static_cast<char>(value);
    } else if (value < 0x800) {
        out += static_cast<char>(0xc0U | value >> 6U);
        out += static_cast<char>(0x80U | (value & 0x3fU));
    } else if (value < 0x10000) {
        out += static_cast<char>(0xe0U | value >> 12U);
        out += static_cast<char>(0x80U | (value >> 6U & 0x3fU));
        out += static_cast<char>(0x80U | (value & 0x3fU));
    } else {
        out += static_cast<char>(0xf0U | value >> 18U);
        out += static_cast<char>(0x80U | (value >> 12U & 0x3fU));
        out += static_cast<char>(0x80U | (value >> 6U & 0x3fU));
        out += static_cast<char>(0x80U | (value & 0x3fU));
    }
}

class Shifted {
public:
    explicit Shifted(std::string& out) : out_(out) { out_ += '&'; }
    void add(std::uint32_t unit) {
        bits_ = bits_ << 16U | unit;
        count_ += 16;
        for (; count_ >= 6; count_ -= 6)
            out_ += kDigits[bits_ >> (count_ - 6) & 0x3fU];
    }
    void end() {
        if (count_ > 0)
            out_ += kDigits[bits_ << (6 - count_) & 0x3fU];
        out_ += '-';
    }

private:
    std::string& out_;
    std::uint64_t bits_ = 0;
    unsigned count_ = 0;
};

/// What stands between '&' and '-'.
bool readShifted(Bytes text, std::string& out) {
    std::uint32_t bits = 0;
    unsigned count = 0;
    std::uint32_t high = 0; // the first half of a pair
    for (const char c : text) {
        const std::size_t digit = kDigits.find(c);
        if (digit == Bytes::npos)
            return false;
        bits = (bits << 6U | static_cast<std::uint32_t>(digit)) & 0x3fffffU;
        count += 6;
        if (count < 16)
            continue;
        count -= 16;
        const std::uint32_t unit = bits >> count & 0xffffU;
        const bool low = unit >= 0xdc00 && unit < 0xe000;
        if (low != (high != 0))
            return false;
        if (low)
            appendUtf8(out, 0x10000 + ((high - 0xd800) << 10U) + (unit - 0xdc00));
        else if (unit < 0xd800 || unit >= 0xe000)
            appendUtf8(out, unit);
        high = unit >= 0xd800 && unit < 0xdc00 ? unit : 0;
    }
    return high == 0;
}

} // namespace

std::string toModifiedUtf7(Bytes utf8) {
    std::string out;
    const std::string valid = utf8::replaceInvalid(utf8);
    for (Bytes rest = valid; !rest.empty();) {
        if (isPlain(rest.front())) {
            out += rest.front();
            if (rest.front() == '&')
                out += '-';
            rest.remove_prefix(1);
            continue;
        }
        Shifted shifted(out);
        while (!rest.empty() && !isPlain(rest.front())) {
            const std::uint32_t value = takeCharacter(rest);
            if (value >= 0x10000)
                shifted.add(0xd800 + ((value - 0x10000) >> 10U));
            shifted.add(value >= 0x10000 ? 0xdc00 + ((value - 0x10000) & 0x3ffU) : value);
        }
        shifted.end();
    }
    return out;
}

std::optional<std::string> fromModifiedUtf7(Bytes text) {
    std::string out;
    for (Bytes rest = text; !rest.empty();) {
        if (!isPlain(rest.front()))
            return std::nullopt;
        if (rest.front() != '&') {
            out += rest.front();
            rest.remove_prefix(1);
            continue;
        }
        const std::size_t end = rest.find('-');
        if (end == Bytes::npos)
            return std::nullopt;
        if (end == 1)
            out += '&';
        else if (!readShifted(rest.substr(1, end - 1), out))
            return std::nullopt;
        rest.remove_prefix(end + 1);
    }
    // Two spellings of one name would be two mailboxes for some and one for others.
    if (toModifiedUtf7(out) != text)
        return std::nullopt;
    return out;
}

} // namespace twistdpp::imap
