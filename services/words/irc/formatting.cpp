#include "twistdpp/irc/formatting.h"

#include "twistdpp/base/ascii.h"

#include <array>

namespace twistdpp::irc {

namespace {

constexpr char kBold = 0x02, kColour = 0x03, kHexColour = 0x04, kReset = 0x0f, kMonospace = 0x11,
               kReverse = 0x16, kItalic = 0x1d, kStrike = 0x1e, kUnderline = 0x1f;
constexpr std::uint8_t kDefaultColour = 99;

bool* flagOf(TextStyle& style, char code) noexcept {
    switch (code) {
    case kBold:
        return &style.bold;
    case kItalic:
        return &style.italic;
    case kUnderline:
        return &style.underline;
    case kStrike:
        return &style.strike;
    case kMonospace:
        return &style.monospace;
    case kReverse:
        return &style.reverse;
    default:
        return nullptr;
    }
}

/// One or two digits.
std::optional<std::uint8_t> takeColour(Bytes& text) {
    std::size_t size = 0;
    unsigned value = 0;
    while (size < 2 && size < text.size() && ascii::isDigit(text[size]))
        value = value * 10 + static_cast<unsigned>(text[size++] - '0');
    if (size == 0)
        return std::nullopt;
    text.remove_prefix(size);
    return static_cast<std::uint8_t>(value);
}

std::optional<std::uint32_t> takeHex(Bytes& text) {
    constexpr std::size_t kDigits = 6;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < kDigits; ++i) {
        const auto digit =
            i < text.size() ? Bytes("0123456789abcdef").find(ascii::lower(text[i])) : Bytes::npos;
        if (digit == Bytes::npos)
            return std::nullopt;
        value = value << 4U | static_cast<std::uint32_t>(digit);
    }
    text.remove_prefix(kDigits);
    return value;
}

/// The two values behind a colour's code; the second stands behind a comma.
template <class Take>
auto takePair(Bytes& text, Take take) {
    auto first = take(text);
    decltype(first) second;
    if (first && !text.empty() && text.front() == ',') {
        Bytes rest = text.substr(1);
        second = take(rest);
        if (second)
            text = rest;
    }
    return std::pair(first, second);
}

void colour(TextStyle& style, Bytes& text) {
    const auto [front, back] = takePair(text, takeColour);
    style.hexForeground.reset();
    const auto set = [](std::optional<std::uint8_t>& to, std::optional<std::uint8_t> value) {
        to = value == kDefaultColour ? std::nullopt : value;
    };
    set(style.foreground, front);
    if (back || !front) {
        set(style.background, back);
        style.hexBackground.reset();
    }
}

void hexColour(TextStyle& style, Bytes& text) {
    const auto [front, back] = takePair(text, takeHex);
    style.foreground.reset();
    style.hexForeground = front;
    if (back || !front) {
        style.background.reset();
        style.hexBackground = back;
    }
}

std::string twoDigits(std::uint8_t value) {
    return {static_cast<char>('0' + value / 10), static_cast<char>('0' + value % 10)};
}

std::string sixDigits(std::uint32_t value) {
    std::string out;
    for (unsigned shift = 24; shift > 0; shift -= 4)
        out += "0123456789abcdef"[value >> (shift - 4) & 15U];
    return out;
}

} // namespace

std::vector<TextRun> parseFormattedText(Bytes text) {
    std::vector<TextRun> runs;
    TextStyle style;
    while (!text.empty()) {
        const char code = text.front();
        text.remove_prefix(1);
        if (bool* flag = flagOf(style, code)) {
            *flag = !*flag;
        } else if (code == kColour) {
            colour(style, text);
        } else if (code == kHexColour) {
            hexColour(style, text);
        } else if (code == kReset) {
            style = {};
        } else if (!runs.empty() && runs.back().style == style) {
            runs.back().text += code;
        } else {
            runs.push_back({std::string(1, code), style});
        }
    }
    return runs;
}

std::string assembleFormattedText(const std::vector<TextRun>& runs) {
    std::string out;
    bool styled = false;
    for (const TextRun& run : runs) {
        if (styled)
            out += kReset;
        TextStyle style = run.style;
        for (const char code : {kBold, kItalic, kUnderline, kStrike, kMonospace, kReverse}) {
            if (*flagOf(style, code))
                out += code;
        }
        // Two digits always, so that a text that begins with one does not become part of the colour.
        if (style.foreground || style.background) {
            out += kColour + twoDigits(style.foreground.value_or(kDefaultColour));
            if (style.background)
                out += "," + twoDigits(*style.background);
        }
        if (style.hexForeground) {
            out += kHexColour + sixDigits(*style.hexForeground);
            if (style.hexBackground)
                out += "," + sixDigits(*style.hexBackground);
        }
        out += run.text;
        styled = !run.style.plain();
    }
    return out;
}

std::string stripFormatting(Bytes text) {
    std::string out;
    for (const TextRun& run : parseFormattedText(text))
        out += run.text;
    return out;
}

} // namespace twistdpp::irc
