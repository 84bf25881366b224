#pragma once
#include "twistdpp/base/bytes.h"

#include <cstddef>
#include <string>

namespace twistdpp::smtp {

/// Counts the Received lines in a message's header, of which each server that it has passed has added one: a
/// mail that goes round in circles shows by them (RFC 5321 section 6.3). Reads the header alone, in pieces.
class HopCounter {
public:
    void read(Bytes data);
    std::size_t hops() const noexcept { return hops_; }

private:
    std::string begin_; // of the present line, as much as is needed
    std::size_t hops_ = 0;
    bool inside_ = true; // of the header
};

} // namespace twistdpp::smtp
