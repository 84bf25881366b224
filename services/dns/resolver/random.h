#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

namespace twistdpp::dns {

/// Fills `out` from the system's cryptographic source. Nothing is kept between calls, so that processes that
/// were forked never share what comes next.
void fillRandom(std::span<char> out) noexcept;

/// The unpredictable parts of one query (RFC 5452), from one call of the system.
class QueryRandom {
public:
    QueryRandom() noexcept;
    std::uint16_t id() const noexcept;
    /// From `first` to 65535; each try gives another one, up to kPorts of them.
    std::uint16_t port(unsigned tryNumber, std::uint16_t first) const noexcept;
    static constexpr unsigned kPorts = 6;
    /// Below `count`.
    std::size_t below(std::size_t count) const noexcept;
    /// For the letter at `index` of a name, below 256.
    bool upperCase(std::size_t index) const noexcept;

private:
    char bytes_[2 + 2 * kPorts + 4 + 32];
};

} // namespace twistdpp::dns
