#pragma once
#include "twistdpp/dns_wire/record.h"
#include "twistdpp/reactor/address.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// The parts of the records that programs ask for most. Each gives nothing when the record is of another type
/// or does not fit its own.
namespace twistdpp::dns {

struct MailExchange {
    std::uint16_t preference; // the lowest is tried first
    Name host;
};
struct Service { // RFC 2782
    std::uint16_t priority, weight, port;
    Name target;
};

/// Of A and AAAA, port 0.
std::optional<Address> addressOf(const Record& record);
std::optional<MailExchange> mailExchangeOf(const Record& record);
std::optional<Service> serviceOf(const Record& record);
/// The name that CNAME, DNAME, NS and PTR consist of.
std::optional<Name> targetOf(const Record& record);
/// The strings of TXT.
std::optional<std::vector<std::string>> textOf(const Record& record);

} // namespace twistdpp::dns
