#include "twistdpp/dns_resolver/record_values.h"

#include "twistdpp/dns_wire/octets.h"

#include <cstring>
#include <netinet/in.h>
#include <sys/socket.h>

namespace twistdpp::dns {

namespace {

std::optional<Name> nameAt(Bytes rdata, std::size_t at) {
    if (rdata.size() <= at || wireNameSize(rdata.substr(at)) != rdata.size() - at)
        return std::nullopt;
    return Name(rdata.substr(at));
}

} // namespace

std::optional<Address> addressOf(const Record& record) {
    if (record.type == Type::A && record.rdata.size() == 4) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        std::memcpy(&to.sin_addr, record.rdata.data(), 4);
        return Address::fromSockaddr(reinterpret_cast<const sockaddr*>(&to), sizeof to);
    }
    if (record.type == Type::AAAA && record.rdata.size() == 16) {
        sockaddr_in6 to{};
        to.sin6_family = AF_INET6;
        std::memcpy(&to.sin6_addr, record.rdata.data(), 16);
        return Address::fromSockaddr(reinterpret_cast<const sockaddr*>(&to), sizeof to);
    }
    return std::nullopt;
}

std::optional<MailExchange> mailExchangeOf(const Record& record) {
    auto host = record.type == Type::MX ? nameAt(record.rdata, 2) : std::nullopt;
    if (!host)
        return std::nullopt;
    return MailExchange{get16(record.rdata.data()), *std::move(host)};
}

std::optional<Service> serviceOf(const Record& record) {
    auto target = record.type == Type::SRV ? nameAt(record.rdata, 6) : std::nullopt;
    if (!target)
        return std::nullopt;
    const char* const at = record.rdata.data();
    return Service{get16(at), get16(at + 2), get16(at + 4), *std::move(target)};
}

std::optional<Name> targetOf(const Record& record) {
    switch (record.type) {
    case Type::CNAME:
    case Type::DNAME:
    case Type::NS:
    case Type::PTR:
        return nameAt(record.rdata, 0);
    default:
        return std::nullopt;
    }
}

std::optional<std::vector<std::string>> textOf(const Record& record) {
    if (record.type != Type::TXT)
        return std::nullopt;
    std::vector<std::string> strings;
    for (Bytes rest = record.rdata; !rest.empty();) {
        const std::size_t length = get8(rest.data());
        if (rest.size() - 1 < length)
            return std::nullopt;
        strings.emplace_back(rest.substr(1, length));
        rest.remove_prefix(1 + length);
    }
    return strings;
}

} // namespace twistdpp::dns
