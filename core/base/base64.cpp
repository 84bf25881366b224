#include "twistdpp/base/base64.h"

#include "twistdpp/base/ascii.h"

#include <cstdint>

namespace twistdpp {

namespace {

constexpr char standardDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr char urlDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

int digitValue(char c, Base64 variant) noexcept {
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (ascii::isDigit(c))
        return c - '0' + 52;
    if (c == (variant == Base64::url ? '-' : '+'))
        return 62;
    return c == (variant == Base64::url ? '_' : '/') ? 63 : -1;
}

} // namespace

std::string toBase64(Bytes bytes, Base64 variant) {
    const char* digits = variant == Base64::url ? urlDigits : standardDigits;
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const Bytes group = bytes.substr(at, 3);
        std::uint32_t bits = 0;
        for (std::size_t i = 0; i < 3; ++i)
            bits = bits << 8 | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0U);
        for (std::size_t i = 0; i <= group.size(); ++i)
            text += digits[bits >> (18 - 6 * i) & 63];
        if (variant == Base64::standard)
            text.append(3 - group.size(), '=');
    }
    return text;
}

std::optional<std::string> fromBase64(Bytes text, Base64 variant) {
    if (variant == Base64::standard) {
        if (text.size() % 4 != 0)
            return std::nullopt;
        for (int i = 0; i < 2 && text.ends_with('='); ++i)
            text.remove_suffix(1);
    }
    // One digit alone holds six bits: no byte.
    if (text.size() % 4 == 1)
        return std::nullopt;
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3 + 2);
    std::uint32_t bits = 0;
    int held = 0; // bits of `bits` that no byte has taken yet
    for (const char c : text) {
        const int value = digitValue(c, variant);
        if (value < 0)
            return std::nullopt;
        bits = (bits << 6 | static_cast<std::uint32_t>(value)) & 0xffffU;
        held += 6;
        if (held >= 8) {
            held -= 8;
            bytes += static_cast<char>(bits >> held & 0xffU);
        }
    }
    if ((bits & ((1U << held) - 1)) != 0)
        return std::nullopt;
    return bytes;
}

} // namespace twistdpp
