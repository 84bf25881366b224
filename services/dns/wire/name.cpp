#include "twistdpp/dns_wire/name.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/dns_wire/octets.h"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace twistdpp::dns {

namespace {

constexpr const char* kTooLong = "is longer than 255 bytes";

/// Where each label begins, the root last; returns the number of labels without the root.
unsigned labelStarts(Bytes wireName, std::array<std::uint8_t, kMaxLabels + 1>& starts) noexcept {
    unsigned count = 0;
    std::size_t at = 0;
    while (wireName[at] != 0) {
        starts[count++] = static_cast<std::uint8_t>(at);
        at += 1U + get8(&wireName[at]);
    }
    starts[count] = static_cast<std::uint8_t>(at);
    return count;
}

int compareLabels(Bytes a, Bytes b) noexcept {
    const std::size_t shorter = std::min(a.size(), b.size());
    for (std::size_t i = 0; i < shorter; ++i) {
        const int difference =
            static_cast<unsigned char>(ascii::lower(a[i])) - static_cast<unsigned char>(ascii::lower(b[i]));
        if (difference != 0)
            return difference;
    }
    return static_cast<int>(a.size()) - static_cast<int>(b.size());
}

bool needsEscape(char c) noexcept {
    return Bytes(".\\\"();@$").find(c) != Bytes::npos;
}

} // namespace

std::size_t wireNameSize(Bytes data) noexcept {
    std::size_t at = 0;
    while (at < data.size() && at < kMaxName) {
        const std::size_t length = get8(&data[at]);
        if (length > kMaxLabel)
            return 0;
        at += 1 + length;
        if (length == 0)
            return at;
    }
    return 0;
}

unsigned labelCount(Bytes wireName) noexcept {
    unsigned count = 0;
    for (std::size_t at = 0; wireName[at] != 0; at += 1U + get8(&wireName[at]))
        ++count;
    return count;
}

// Lengths are below 64 and so no letters: the whole name can be compared as one text.
bool equalNames(Bytes a, Bytes b) noexcept {
    return ascii::equalsIgnoreCase(a, b);
}

bool isWithin(Bytes name, Bytes ancestor) noexcept {
    while (name.size() > ancestor.size())
        name.remove_prefix(1U + get8(name.data()));
    return equalNames(name, ancestor);
}

int compareNames(Bytes a, Bytes b) noexcept {
    std::array<std::uint8_t, kMaxLabels + 1> startsA, startsB;
    unsigned left = labelStarts(a, startsA), right = labelStarts(b, startsB);
    while (left > 0 && right > 0) {
        --left;
        --right;
        const Bytes labelA = a.substr(startsA[left] + 1U, get8(&a[startsA[left]]));
        const Bytes labelB = b.substr(startsB[right] + 1U, get8(&b[startsB[right]]));
        if (const int difference = compareLabels(labelA, labelB))
            return difference;
    }
    return static_cast<int>(left) - static_cast<int>(right);
}

Bytes parentName(Bytes wireName) noexcept {
    return wireName.substr(1U + get8(wireName.data()));
}

Bytes nameSuffix(Bytes wireName, unsigned labels) noexcept {
    for (unsigned count = labelCount(wireName); count > labels; --count)
        wireName = parentName(wireName);
    return wireName;
}

std::string nameText(Bytes wireName) {
    if (wireName.size() == 1)
        return ".";
    std::string text;
    for (std::size_t at = 0; wireName[at] != 0;) {
        const std::size_t length = get8(&wireName[at]);
        for (const char c : wireName.substr(at + 1, length)) {
            const auto byte = static_cast<unsigned char>(c);
            if (byte <= ' ' || byte > '~') {
                text += '\\';
                text += static_cast<char>('0' + byte / 100);
                text += static_cast<char>('0' + byte / 10 % 10);
                text += static_cast<char>('0' + byte % 10);
            } else {
                if (needsEscape(c))
                    text += '\\';
                text += c;
            }
        }
        text += '.';
        at += 1 + length;
    }
    return text;
}

const char* appendName(Bytes text, Bytes origin, std::string& to) {
    if (text == "@")
        return to.append(origin), nullptr;
    if (text == ".")
        return to.push_back('\0'), nullptr;
    if (text.empty())
        return "is empty";
    std::array<char, kMaxName> wire;
    std::size_t size = 1, label = 0; // where the length of the label in progress stands
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '.') {
            const std::size_t length = size - label - 1;
            if (length == 0)
                return "has an empty label";
            if (size == kMaxName)
                return kTooLong;
            wire[label] = static_cast<char>(length);
            label = size++;
            continue;
        }
        if (c == '\\') {
            if (++i == text.size())
                return "ends in a lone backslash";
            c = text[i];
            if (ascii::isDigit(c)) {
                if (i + 2 >= text.size() || !ascii::isDigit(text[i + 1]) || !ascii::isDigit(text[i + 2]))
                    return "has a backslash with fewer than three digits";
                const int value = (c - '0') * 100 + (text[i + 1] - '0') * 10 + (text[i + 2] - '0');
                if (value > 255)
                    return "has an escape above \\255";
                c = static_cast<char>(value);
                i += 2;
            }
        }
        if (size - label > kMaxLabel)
            return "has a label of more than 63 bytes";
        if (size == kMaxName)
            return kTooLong;
        wire[size++] = c;
    }
    const std::size_t last = size - label - 1;
    wire[label] = static_cast<char>(last);
    if (last == 0) { // the final dot
        to.append(wire.data(), size);
        return nullptr;
    }
    if (size + origin.size() > kMaxName)
        return kTooLong;
    to.append(wire.data(), size).append(origin);
    return nullptr;
}

Result<Name> Name::parse(Bytes text, Bytes origin) {
    std::string wire;
    if (const char* problem = appendName(text, origin, wire))
        return Error("the name '" + std::string(text) + "' " + problem);
    Name name;
    name.wire_ = std::move(wire);
    return name;
}

void NameBuffer::assign(Bytes wireName) noexcept {
    size_ = std::min(wireName.size(), bytes_.size());
    std::memcpy(bytes_.data(), wireName.data(), size_);
}

bool NameBuffer::join(Bytes first, Bytes rest) noexcept {
    if (first.size() + rest.size() > kMaxName)
        return false;
    std::memmove(bytes_.data(), first.data(), first.size());
    std::memcpy(bytes_.data() + first.size(), rest.data(), rest.size());
    size_ = first.size() + rest.size();
    return true;
}

bool NameBuffer::read(Bytes message, std::size_t& at) noexcept {
    std::size_t from = at, end = 0, lowest = at;
    size_ = 0;
    for (;;) {
        if (from >= message.size())
            return false;
        const unsigned length = get8(&message[from]);
        if (length >= 0xc0) {
            if (from + 1 >= message.size())
                return false;
            const std::size_t to = get16(&message[from]) & 0x3fffU;
            if (to >= lowest)
                return false;
            if (end == 0)
                end = from + 2;
            from = lowest = to;
            continue;
        }
        if (length > kMaxLabel || from + 1 + length > message.size() || size_ + 1 + length > kMaxName)
            return false;
        std::memcpy(bytes_.data() + size_, &message[from], 1 + length);
        size_ += 1 + length;
        from += 1 + length;
        if (length == 0)
            break;
    }
    at = end != 0 ? end : from;
    return true;
}

} // namespace twistdpp::dns
