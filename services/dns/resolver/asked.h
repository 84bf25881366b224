#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/dns_wire/name.h"
#include "twistdpp/dns_wire/types.h"

#include <array>
#include <cstdint>

namespace twistdpp::dns {

/// A question with the flags that change its answer. The name is borrowed, a valid wire name in any case.
struct Asked {
    Asked(Bytes wireName, Type kind, Class in = Class::in) noexcept : name(wireName), type(kind), klass(in) {}

    Bytes name;
    Type type;
    Class klass;
    bool dnssecOk = false;         // the DO bit of EDNS: signatures are wanted (RFC 3225)
    bool checkingDisabled = false; // the CD bit: data that does not validate is wanted too (RFC 4035)
};

/// What questions that have the same answer have in common: the name without its case, type, class and those
/// flags. A key for tables.
class AskedKey {
public:
    explicit AskedKey(const Asked& asked) noexcept;
    Bytes bytes() const noexcept { return {bytes_.data(), size_}; }
    std::uint32_t hash() const noexcept { return hash_; }

private:
    std::array<char, kMaxName + 5> bytes_;
    std::size_t size_;
    std::uint32_t hash_;
};

} // namespace twistdpp::dns
