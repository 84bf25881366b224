#include "twistdpp/base/ascii.h"
#include "twistdpp/dns_wire/octets.h"
#include "twistdpp/dns_wire/rdata_words.h"

#include <arpa/inet.h>
#include <array>
#include <cstring>

namespace twistdpp::dns {

std::optional<std::uint32_t> decimal(Bytes text, std::uint32_t most) noexcept {
    if (text.empty() || text.size() > 10)
        return std::nullopt;
    std::uint64_t value = 0;
    for (const char c : text) {
        if (!ascii::isDigit(c))
            return std::nullopt;
        value = value * 10 + static_cast<std::uint64_t>(c - '0');
    }
    if (value > most)
        return std::nullopt;
    return static_cast<std::uint32_t>(value);
}

std::optional<std::uint32_t> secondsFromText(Bytes text) noexcept {
    if (!text.empty() && ascii::isDigit(text.back()))
        return decimal(text, 0xffffffff);
    std::uint64_t total = 0;
    while (!text.empty()) {
        const std::size_t digits = text.find_first_not_of("0123456789");
        if (digits == 0 || digits == Bytes::npos)
            return std::nullopt;
        const auto value = decimal(text.substr(0, digits), 0xffffffff);
        constexpr Bytes kUnits = "smhdw";
        constexpr std::uint32_t kSeconds[] = {1, 60, 3600, 86400, 604800};
        const std::size_t unit = kUnits.find(ascii::lower(text[digits]));
        if (!value || unit == Bytes::npos)
            return std::nullopt;
        total += std::uint64_t{*value} * kSeconds[unit];
        if (total > 0xffffffff)
            return std::nullopt;
        text.remove_prefix(digits + 1);
        if (text.empty())
            return static_cast<std::uint32_t>(total);
    }
    return std::nullopt;
}

bool appendIpv4(Bytes text, std::string& to) {
    std::array<char, 4> address;
    std::size_t at = 0;
    for (std::size_t part = 0; part < 4; ++part) {
        const std::size_t begin = at;
        unsigned value = 0;
        while (at < text.size() && at - begin < 3 && ascii::isDigit(text[at]))
            value = value * 10 + static_cast<unsigned>(text[at++] - '0');
        // A leading zero is octal to some readers: nobody can mean it.
        if (at == begin || value > 255 || (text[begin] == '0' && at - begin > 1))
            return false;
        address[part] = static_cast<char>(value);
        if (part < 3 && (at == text.size() || text[at++] != '.'))
            return false;
    }
    if (at != text.size())
        return false;
    to.append(address.data(), address.size());
    return true;
}

bool appendIpv6(Bytes text, std::string& to) {
    std::array<char, INET6_ADDRSTRLEN> ended;
    in6_addr address;
    if (text.size() >= ended.size())
        return false;
    std::memcpy(ended.data(), text.data(), text.size());
    ended[text.size()] = '\0';
    if (std::strlen(ended.data()) != text.size() || ::inet_pton(AF_INET6, ended.data(), &address) != 1)
        return false;
    to.append(reinterpret_cast<const char*>(&address), sizeof address);
    return true;
}

void appendIpv4Text(Bytes address, std::string& to) {
    for (std::size_t i = 0; i < 4; ++i) {
        if (i > 0)
            to += '.';
        appendNumber(get8(&address[i]), to);
    }
}

void appendIpv6Text(Bytes address, std::string& to) {
    std::array<char, INET6_ADDRSTRLEN> text;
    to += ::inet_ntop(AF_INET6, address.data(), text.data(), text.size());
}

const char* appendUnescaped(Bytes text, std::string& to) {
    for (;;) {
        const std::size_t escape = text.find('\\');
        to.append(text.substr(0, escape));
        if (escape == Bytes::npos)
            return nullptr;
        text.remove_prefix(escape + 1);
        if (text.empty())
            return "ends in a lone backslash";
        if (!ascii::isDigit(text[0])) {
            to += text[0];
            text.remove_prefix(1);
            continue;
        }
        if (text.size() < 3 || !ascii::isDigit(text[1]) || !ascii::isDigit(text[2]))
            return "has a backslash with fewer than three digits";
        const int value = (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
        if (value > 255)
            return "has an escape above \\255";
        to += static_cast<char>(value);
        text.remove_prefix(3);
    }
}

void appendEscaped(char byte, std::string& to) {
    if (byte >= ' ' && byte <= '~') {
        if (byte == '"' || byte == '\\')
            to += '\\';
        to += byte;
        return;
    }
    const unsigned value = static_cast<unsigned char>(byte);
    to += '\\';
    to += static_cast<char>('0' + value / 100);
    to += static_cast<char>('0' + value / 10 % 10);
    to += static_cast<char>('0' + value % 10);
}

void appendQuoted(Bytes bytes, std::string& to) {
    to += '"';
    for (const char c : bytes)
        appendEscaped(c, to);
    to += '"';
}

} // namespace twistdpp::dns
