#include "twistdpp/dns_zone/generate.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"

#include <array>
#include <charconv>

namespace twistdpp::dns {

namespace {

constexpr std::uint32_t kLargest = 0x7fffffff;

bool parseNumber(Bytes text, std::uint32_t& number) noexcept {
    const auto value = parseUnsigned<std::uint32_t>(text);
    number = value.value_or(0);
    return value && *value <= kLargest;
}

/// The lowest digit first, dots between; `width` counts the dots as well.
void appendNibbles(std::uint32_t value, unsigned width, bool upper, std::string& to) {
    const char* const digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    do {
        to += digits[value & 0xf];
        value >>= 4;
        width -= width > 0 ? 1 : 0;
        if (width > 0 || value != 0) {
            to += '.';
            width -= width > 0 ? 1 : 0;
        }
    } while (width > 0 || value != 0);
}

void appendPadded(std::int64_t value, unsigned width, char base, std::string& to) {
    std::array<char, 24> digits;
    const bool negative = value < 0;
    const auto [end, error] = std::to_chars(
        digits.data(), digits.data() + digits.size(), negative ? -value : value,
        base == 'd'   ? 10
        : base == 'o' ? 8
                      : 16
    );
    const auto size = static_cast<std::size_t>(end - digits.data());
    if (negative)
        to += '-';
    for (std::size_t i = size + (negative ? 1U : 0U); i < width; ++i)
        to += '0';
    for (std::size_t i = 0; i < size; ++i)
        to += base == 'X' ? ascii::upper(digits[i]) : digits[i];
}

} // namespace

const char* GenerateRange::parse(Bytes text) noexcept {
    const Bytes whole = text;
    step = 1;
    Bytes numbers = ascii::cut(text, '/');
    if (numbers.size() != whole.size() && (!parseNumber(text, step) || step == 0))
        return "has no good step: write FIRST-LAST/STEP";
    const Bytes from = ascii::cut(numbers, '-');
    if (!parseNumber(from, first) || !parseNumber(numbers, last))
        return "is not of the form FIRST-LAST or FIRST-LAST/STEP";
    return first > last ? "ends before it begins" : nullptr;
}

const char* GenerateTemplate::parse(Bytes text) {
    parts_.assign(1, Part());
    while (!text.empty()) {
        const char c = text[0];
        text.remove_prefix(1);
        if (c == '\\') {
            parts_.back().before += c;
            if (!text.empty()) {
                parts_.back().before += text[0];
                text.remove_prefix(1);
            }
        } else if (c != '$') {
            parts_.back().before += c;
        } else if (text.starts_with('$')) {
            parts_.back().before += "\\$";
            text.remove_prefix(1);
        } else {
            parts_.back().hasNumber = true;
            if (text.starts_with('{')) {
                text.remove_prefix(1);
                if (const char* what = parseBraces(text, parts_.back()))
                    return what;
            }
            parts_.emplace_back();
        }
    }
    return nullptr;
}

const char* GenerateTemplate::parseBraces(Bytes& rest, Part& part) noexcept {
    const auto close = rest.find('}');
    if (close == Bytes::npos)
        return "has no } behind ${";
    Bytes fields = rest.substr(0, close);
    rest.remove_prefix(close + 1);
    const bool hasWidth = fields.find(',') != Bytes::npos;
    Bytes offset = ascii::cut(fields, ',');
    const bool minus = offset.starts_with('-');
    if (minus || offset.starts_with('+'))
        offset.remove_prefix(1);
    std::uint32_t size = 0;
    if (!parseNumber(offset, size))
        return "has no number as the offset in ${offset,width,base}";
    part.offset = minus ? -static_cast<std::int32_t>(size) : static_cast<std::int32_t>(size);
    if (!hasWidth)
        return nullptr;
    const bool hasBase = fields.find(',') != Bytes::npos;
    const auto width = parseUnsigned<std::uint8_t>(ascii::cut(fields, ',')); // no name is longer
    if (!width)
        return "has no number up to 255 as the width in ${offset,width,base}";
    part.width = *width;
    if (!hasBase)
        return nullptr;
    if (fields.size() != 1 || Bytes("doxXnN").find(fields[0]) == Bytes::npos)
        return "has another base than d, o, x, X, n or N in ${offset,width,base}";
    part.base = fields[0];
    return nullptr;
}

const char* GenerateTemplate::expand(std::uint32_t number, std::string& to) const {
    for (const Part& part : parts_) {
        to += part.before;
        if (!part.hasNumber)
            continue;
        const std::int64_t value = std::int64_t{number} + part.offset;
        if (value > kLargest)
            return "makes a number above 2147483647";
        if (value < 0 && part.base != 'd')
            return "makes a number below 0";
        if (part.base == 'n' || part.base == 'N')
            appendNibbles(static_cast<std::uint32_t>(value), part.width, part.base == 'N', to);
        else
            appendPadded(value, part.width, part.base, to);
    }
    return nullptr;
}

} // namespace twistdpp::dns
