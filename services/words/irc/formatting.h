#pragma once
#include "twistdpp/base/bytes.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace twistdpp::irc {

/// How text looks (modern.ircdocs.horse/formatting). A value.
struct TextStyle {
    bool bold = false, italic = false, underline = false, strike = false, monospace = false, reverse = false;
    std::optional<std::uint8_t> foreground, background;        // 0 to 98
    std::optional<std::uint32_t> hexForeground, hexBackground; // 0xRRGGBB

    friend bool operator==(const TextStyle&, const TextStyle&) = default;
    bool plain() const { return *this == TextStyle(); }
};

/// Text that looks the same from its beginning to its end.
struct TextRun {
    std::string text;
    TextStyle style;
    friend bool operator==(const TextRun&, const TextRun&) = default;
};

/// Takes a message to pieces; runs without text are left out.
std::vector<TextRun> parseFormattedText(Bytes text);
/// The message of these runs.
std::string assembleFormattedText(const std::vector<TextRun>& runs);
/// The text alone.
std::string stripFormatting(Bytes text);

} // namespace twistdpp::irc
