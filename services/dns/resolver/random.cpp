#include "twistdpp/dns_resolver/random.h"

#include "twistdpp/dns_wire/octets.h"

#include <cerrno>
#include <cstdlib>
#include <sys/random.h>

namespace twistdpp::dns {

void fillRandom(std::span<char> out) noexcept {
    while (!out.empty()) {
        const ssize_t got = getrandom(out.data(), out.size(), 0);
        if (got > 0)
            out = out.subspan(static_cast<std::size_t>(got));
        else if (errno != EINTR)
            std::abort(); // a query without unpredictable numbers must never be sent
    }
}

QueryRandom::QueryRandom() noexcept {
    fillRandom(bytes_);
}

std::uint16_t QueryRandom::id() const noexcept {
    return get16(bytes_);
}

std::uint16_t QueryRandom::port(unsigned tryNumber, std::uint16_t first) const noexcept {
    const std::uint32_t range = 0x10000U - first;
    const std::uint32_t drawn = get16(bytes_ + 2 + 2 * std::size_t{tryNumber % kPorts});
    return static_cast<std::uint16_t>(first + (drawn * range >> 16));
}

std::size_t QueryRandom::below(std::size_t count) const noexcept {
    return get32(bytes_ + 2 + 2 * kPorts) % count;
}

bool QueryRandom::upperCase(std::size_t index) const noexcept {
    const unsigned byte = get8(bytes_ + 6 + 2 * kPorts + index % 256 / 8);
    return (byte >> index % 8 & 1U) != 0;
}

} // namespace twistdpp::dns
