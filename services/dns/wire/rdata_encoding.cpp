#include "twistdpp/dns_wire/rdata_encoding.h"

#include "twistdpp/base/ascii.h"

#include <array>

namespace twistdpp::dns {

namespace {

constexpr Bytes kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr Bytes kBase32 = "0123456789abcdefghijklmnopqrstuv";

/// The value of each byte as a digit, -1 for those that are none.
constexpr std::array<std::int8_t, 256> valuesOf(Bytes digits, bool bothCases) {
    std::array<std::int8_t, 256> values{};
    for (auto& value : values)
        value = -1;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        values[static_cast<unsigned char>(digits[i])] = static_cast<std::int8_t>(i);
        if (bothCases)
            values[static_cast<unsigned char>(ascii::upper(digits[i]))] = static_cast<std::int8_t>(i);
    }
    return values;
}
constexpr auto kBase64Values = valuesOf(kBase64, false);
constexpr auto kBase32Values = valuesOf(kBase32, true);

} // namespace

bool HexDecoder::add(Bytes word, std::string& to) {
    for (const char c : word) {
        const int value = ascii::hexValue(c);
        if (value < 0)
            return false;
        if (half_ < 0) {
            half_ = value;
        } else {
            to += static_cast<char>(half_ << 4 | value);
            half_ = -1;
        }
    }
    return true;
}

bool Base64Decoder::add(Bytes word, std::string& to) {
    for (const char c : word) {
        int value = kBase64Values[static_cast<unsigned char>(c)];
        if (c == '=') {
            if (digits_ < 2 || (padding_ > 0 && digits_ == 0))
                return false;
            ++padding_;
            value = 0;
        } else if (value < 0 || padding_ > 0) {
            return false;
        }
        bits_ = bits_ << 6 | static_cast<std::uint32_t>(value);
        if (++digits_ < 4)
            continue;
        if (padding_ > 2 || (padding_ > 0 && (bits_ & (padding_ == 1 ? 0xffU : 0xffffU)) != 0))
            return false;
        for (unsigned i = 0; i < 3 - padding_; ++i)
            to += static_cast<char>(bits_ >> (16 - 8 * i) & 0xff);
        bits_ = 0;
        digits_ = 0;
    }
    return true;
}

bool appendFromBase32Hex(Bytes text, std::string& to) {
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (const char c : text) {
        const int value = kBase32Values[static_cast<unsigned char>(c)];
        if (value < 0)
            return false;
        bits = bits << 5 | static_cast<std::uint32_t>(value);
        held += 5;
        if (held >= 8) {
            held -= 8;
            to += static_cast<char>(bits >> held & 0xff);
            bits &= (1U << held) - 1;
        }
    }
    return held < 5 && bits == 0;
}

void appendBase32Hex(Bytes bytes, std::string& to) {
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (const char c : bytes) {
        bits = bits << 8 | static_cast<unsigned char>(c);
        held += 8;
        while (held >= 5) {
            held -= 5;
            to += kBase32[bits >> held & 31];
        }
    }
    if (held > 0)
        to += kBase32[bits << (5 - held) & 31];
}

void appendBase64(Bytes bytes, std::string& to) {
    std::size_t at = 0;
    const auto byte = [&](std::size_t index) -> std::uint32_t {
        return index < bytes.size() ? static_cast<unsigned char>(bytes[index]) : 0;
    };
    for (; at < bytes.size(); at += 3) {
        const std::uint32_t group = byte(at) << 16 | byte(at + 1) << 8 | byte(at + 2);
        to += kBase64[group >> 18];
        to += kBase64[group >> 12 & 63];
        to += at + 1 < bytes.size() ? kBase64[group >> 6 & 63] : '=';
        to += at + 2 < bytes.size() ? kBase64[group & 63] : '=';
    }
}

void appendHex(Bytes bytes, std::string& to) {
    constexpr Bytes kDigits = "0123456789ABCDEF";
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        to += kDigits[byte >> 4];
        to += kDigits[byte & 15];
    }
}

} // namespace twistdpp::dns
