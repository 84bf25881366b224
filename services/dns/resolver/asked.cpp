#include "twistdpp/dns_resolver/asked.h"

#include "twistdpp/dns_wire/octets.h"

#include <cstring>

namespace twistdpp::dns {

AskedKey::AskedKey(const Asked& asked) noexcept {
    const NameKey name(asked.name);
    size_ = name.wire().size();
    std::memcpy(bytes_.data(), name.wire().data(), size_);
    char* const tail = bytes_.data() + size_;
    put16(tail, static_cast<std::uint16_t>(asked.type));
    put16(tail + 2, static_cast<std::uint16_t>(asked.klass));
    put8(tail + 4, static_cast<std::uint8_t>((asked.dnssecOk ? 1 : 0) | (asked.checkingDisabled ? 2 : 0)));
    hash_ = (name.hash() ^ (get32(tail) + get8(tail + 4)) * 0x9e3779b1U) * 0x85ebca6bU;
    hash_ ^= hash_ >> 15;
    size_ += 5;
}

} // namespace twistdpp::dns
