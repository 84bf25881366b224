#include "twistdpp/base/ascii.h"
#include "twistdpp/dns_wire/octets.h"
#include "twistdpp/dns_wire/rdata_field.h"

#include <array>
#include <utility>

namespace twistdpp::dns {

namespace {

constexpr std::size_t kMaxBits = 8192; // bytes: one bit for each port

using Named = std::pair<Bytes, std::uint16_t>;

constexpr std::array<Named, 3> kProtocols{{{"icmp", 1}, {"tcp", 6}, {"udp", 17}}};

/// The names of RFC 1010 that such records were written with, and a few later ones. The system's list of
/// services is not asked: a zone must mean the same everywhere.
constexpr std::array<Named, 26> kServices{{
    {"echo", 7},    {"discard", 9},  {"daytime", 13}, {"chargen", 19}, {"ftp-data", 20},   {"ftp", 21},
    {"ssh", 22},    {"telnet", 23},  {"smtp", 25},    {"time", 37},    {"nameserver", 42}, {"whois", 43},
    {"domain", 53}, {"tftp", 69},    {"gopher", 70},  {"finger", 79},  {"http", 80},       {"hostnames", 101},
    {"pop3", 110},  {"sunrpc", 111}, {"nntp", 119},   {"ntp", 123},    {"imap", 143},      {"snmp", 161},
    {"ldap", 389},  {"https", 443},
}};

template <std::size_t Size>
std::optional<std::uint32_t> named(Bytes text, const std::array<Named, Size>& names, std::uint32_t most) {
    for (const auto& [name, number] : names) {
        if (ascii::equalsIgnoreCase(name, text))
            return number;
    }
    return decimal(text, most);
}

} // namespace

std::size_t servicesSize(Bytes rest) noexcept {
    return rest.empty() || rest.size() > 1 + kMaxBits ? kBadField : rest.size();
}

bool parseServices(RdataWords& words, const char* what) {
    const Token* word = words.next(what);
    if (word == nullptr)
        return false;
    const auto protocol = named(word->text, kProtocols, 0xff);
    if (!protocol)
        return words.fail(what, word->text, "is no number from 0 to 255, nor tcp or udp");
    std::string& to = words.to();
    append8(to, static_cast<std::uint8_t>(*protocol));
    const std::size_t begin = to.size();
    while (words.left() > 0) {
        word = words.next(what);
        const auto port = named(word->text, kServices, 0xffff);
        if (!port)
            return words.fail("service", word->text, "is no port and no known service");
        if (to.size() <= begin + *port / 8)
            to.resize(begin + *port / 8 + 1);
        char& byte = to[begin + *port / 8];
        byte = static_cast<char>(static_cast<unsigned char>(byte) | 0x80U >> *port % 8);
    }
    return true;
}

bool formatServices(Bytes field, std::string& to) {
    if (field.size() > 1 && field.back() == 0)
        return false;
    appendNumber(get8(field.data()), to);
    for (std::uint32_t port = 0; port < (field.size() - 1) * 8; ++port) {
        if ((get8(&field[1 + port / 8]) & 0x80U >> port % 8) != 0) {
            to += ' ';
            appendNumber(port, to);
        }
    }
    return true;
}

} // namespace twistdpp::dns
