#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/reactor/address.h"

#include <string>
#include <vector>

namespace twistdpp {

/// A network, "10.0.0.0/8"; the width may be left out for one address. A value.
struct Prefix {
    Prefix(Address address, unsigned width) : network(std::move(address)), bits(width) {}
    /// The error names `text` and what is wrong with it.
    static Result<Prefix> parse(Bytes text);
    bool contains(const Address& address) const noexcept { return address.inPrefix(network, bits); }

    Address network;
    unsigned bits;
};

/// Several of them, separated by commas.
Result<std::vector<Prefix>> parsePrefixes(Bytes text);

} // namespace twistdpp
