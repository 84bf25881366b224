#pragma once
#include "twistdpp/dns_wire/name.h"
#include "twistdpp/dns_wire/types.h"

#include <cstdint>
#include <string>

namespace twistdpp::dns {

/// A resource record that owns its parts. A value, for paths that are not hot: clients, transfers, tests.
struct Record {
    Record() = default;
    Record(Name name, Type kind, std::uint32_t seconds, std::string data)
        : owner(std::move(name)), type(kind), ttl(seconds), rdata(std::move(data)) {}

    Name owner;
    Type type = Type::none;
    Class klass = Class::in;
    std::uint32_t ttl = 0; // seconds, below 2^31 (RFC 2181 section 8)
    std::string rdata;     // wire form, names in it uncompressed

    friend bool operator==(const Record&, const Record&) = default;
};

} // namespace twistdpp::dns
