#pragma once
#include "twistdpp/reactor/address.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <unordered_map>

namespace twistdpp {

/// Counts by network: addresses that agree in their first bits are one. IPv4 and IPv6 have a width each; what
/// has no IP address is not counted.
class PrefixCounts {
public:
    PrefixCounts(unsigned bitsIpv4, unsigned bitsIpv6) noexcept : bitsIpv4_(bitsIpv4), bitsIpv6_(bitsIpv6) {}

    std::size_t count(const Address& address) const {
        const auto found = counts_.find(key(address));
        return found == counts_.end() ? 0 : found->second;
    }
    void add(const Address& address) {
        if (address.isIp())
            ++counts_[key(address)];
    }
    void remove(const Address& address) {
        const auto found = counts_.find(key(address));
        if (found != counts_.end() && --found->second == 0)
            counts_.erase(found);
    }
    /// How many networks have a count.
    std::size_t size() const noexcept { return counts_.size(); }

private:
    using Key = std::array<std::uint8_t, 17>; // the masked address, then its length
    struct Hash {
        std::size_t operator()(const Key& key) const noexcept {
            return std::hash<std::string_view>()({reinterpret_cast<const char*>(key.data()), key.size()});
        }
    };

    Key key(const Address& address) const noexcept {
        Key key{};
        const Bytes bytes = address.ipBytes();
        std::size_t bits = bytes.size() == 4 ? bitsIpv4_ : bitsIpv6_;
        for (std::size_t i = 0; i < bytes.size() && bits > 0; ++i) {
            const std::size_t here = bits < 8 ? bits : 8;
            key[i] = static_cast<std::uint8_t>(static_cast<unsigned char>(bytes[i]) & (0xff00U >> here));
            bits -= here;
        }
        key[16] = static_cast<std::uint8_t>(bytes.size());
        return key;
    }

    unsigned bitsIpv4_;
    unsigned bitsIpv6_;
    std::unordered_map<Key, std::uint32_t, Hash> counts_;
};

} // namespace twistdpp
