#include "twistdpp/dns_wire/octets.h"
#include "twistdpp/dns_wire/rdata_field.h"

#include <algorithm>
#include <array>
#include <bitset>

namespace twistdpp::dns {

namespace {

constexpr std::size_t kMaxWindow = 32; // bytes
constexpr std::size_t kMaxNxt = 16;

/// The types of one window in ascending order.
void appendTypes(Bytes bits, unsigned window, std::string& to) {
    for (unsigned i = 0; i < bits.size() * 8; ++i) {
        if ((get8(&bits[i / 8]) & 0x80U >> i % 8) == 0)
            continue;
        if (!to.empty() && to.back() != ' ')
            to += ' ';
        to += typeText(static_cast<Type>(window << 8 | i));
    }
}

std::optional<std::uint16_t> nextType(RdataWords& words, const char* what) {
    const Token* word = words.next(what);
    const auto type = typeFromText(word->text);
    if (type)
        return static_cast<std::uint16_t>(*type);
    words.fail(what, word->text, "is no record type");
    return std::nullopt;
}

/// Without the zero bytes at the end.
Bytes trimmed(const std::array<char, kMaxWindow>& bits) {
    std::size_t size = bits.size();
    while (size > 0 && bits[size - 1] == 0)
        --size;
    return {bits.data(), size};
}

} // namespace

std::size_t typeBitmapSize(Bytes rest) noexcept {
    int last = -1;
    for (std::size_t at = 0; at < rest.size();) {
        if (rest.size() - at < 3)
            return kBadField;
        const int window = get8(&rest[at]);
        const std::size_t size = get8(&rest[at + 1]);
        if (window <= last || size == 0 || size > kMaxWindow || rest.size() - at - 2 < size ||
            rest[at + 1 + size] == 0)
            return kBadField;
        last = window;
        at += 2 + size;
    }
    return rest.size();
}

bool parseTypeBitmap(RdataWords& words, const char* what) {
    // A window's bits are made ready when its first type is met: most records need one of the 256.
    std::array<std::array<char, kMaxWindow>, 256> windows;
    std::bitset<256> used;
    unsigned windowsEnd = 0;
    while (words.left() > 0) {
        const auto type = nextType(words, what);
        if (!type)
            return false;
        auto& bits = windows[*type >> 8];
        if (!used[*type >> 8]) {
            used.set(*type >> 8);
            bits.fill(0);
            windowsEnd = std::max(windowsEnd, (*type >> 8) + 1U);
        }
        char& byte = bits[(*type & 0xff) / 8];
        byte = static_cast<char>(static_cast<unsigned char>(byte) | 0x80U >> *type % 8);
    }
    for (unsigned window = 0; window < windowsEnd; ++window) {
        if (!used[window])
            continue;
        const Bytes bits = trimmed(windows[window]);
        append8(words.to(), static_cast<std::uint8_t>(window));
        append8(words.to(), static_cast<std::uint8_t>(bits.size()));
        words.to().append(bits);
    }
    return true;
}

bool formatTypeBitmap(Bytes field, std::string& to) {
    while (!field.empty()) {
        const std::size_t size = get8(&field[1]);
        appendTypes(field.substr(2, size), get8(field.data()), to);
        field.remove_prefix(2 + size);
    }
    return true;
}

std::size_t nxtBitmapSize(Bytes rest) noexcept {
    return rest.size() > kMaxNxt ? kBadField : rest.size();
}

bool parseNxtBitmap(RdataWords& words, const char* what) {
    std::array<char, kMaxWindow> bits{};
    while (words.left() > 0) {
        const auto type = nextType(words, what);
        if (!type)
            return false;
        if (*type >= kMaxNxt * 8)
            return words.fail(what, typeText(static_cast<Type>(*type)), "has no place in an NXT record");
        char& byte = bits[*type / 8];
        byte = static_cast<char>(static_cast<unsigned char>(byte) | 0x80U >> *type % 8);
    }
    words.to().append(trimmed(bits));
    return true;
}

bool formatNxtBitmap(Bytes field, std::string& to) {
    if (!field.empty() && field.back() == 0)
        return false;
    appendTypes(field, 0, to);
    return true;
}

} // namespace twistdpp::dns
