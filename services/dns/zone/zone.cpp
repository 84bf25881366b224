#include "twistdpp/dns_zone/zone.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/dns_wire/octets.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace twistdpp::dns {

namespace {

/// Zones are mostly written in lower case, so the quick comparison mostly decides.
bool equalsLower(Bytes name, Bytes lower) noexcept {
    if (name.size() != lower.size())
        return false;
    return std::memcmp(name.data(), lower.data(), name.size()) == 0 || ascii::equalsIgnoreCase(name, lower);
}

/// The first label's text.
Bytes firstLabel(Bytes wireName) noexcept {
    return wireName.substr(1, get8(wireName.data()));
}

/// Base 32 with the extended hex alphabet (RFC 4648 section 7), whose order is that of the bytes.
std::array<char, 32> base32Hex(Bytes hash) noexcept {
    std::array<char, 32> text;
    for (unsigned i = 0; i < 32; ++i) {
        const unsigned bit = i * 5, byte = bit / 8;
        const unsigned pair = static_cast<unsigned>(get8(&hash[byte]) << 8) |
                              (byte + 1 < hash.size() ? get8(&hash[byte + 1]) : 0U);
        text[i] = "0123456789abcdefghijklmnopqrstuv"[pair >> (11 - bit % 8) & 31];
    }
    return text;
}

int compareText(Bytes a, Bytes b) noexcept {
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
        if (const int difference = ascii::lower(a[i]) - ascii::lower(b[i]))
            return difference;
    }
    return static_cast<int>(a.size()) - static_cast<int>(b.size());
}

} // namespace

Soa::Soa(Bytes rdata) noexcept {
    primary = rdata.substr(0, wireNameSize(rdata));
    rdata.remove_prefix(primary.size());
    mailbox = rdata.substr(0, wireNameSize(rdata));
    rdata.remove_prefix(mailbox.size());
    serial = get32(&rdata[0]);
    refresh = get32(&rdata[4]);
    retry = get32(&rdata[8]);
    expire = get32(&rdata[12]);
    minimum = get32(&rdata[16]);
}

std::uint32_t Zone::serial() const noexcept {
    const RecordSet* records = soa();
    return records ? Soa(records->first()).serial : 0;
}

std::size_t Zone::memory() const noexcept {
    return arena_.used() + slots_.capacity() * sizeof(Slot) +
           (nsec_.capacity() + nsec3_.capacity()) * sizeof(Ref) + sizeof(Zone);
}

Zone::Ref Zone::find(Bytes lowerName, std::uint32_t hash) const noexcept {
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t i = hash & mask;; i = (i + 1) & mask) {
        const Slot& slot = slots_[i];
        if (slot.name == 0)
            return 0;
        if (slot.hash == hash && equalsLower(name(slot.name), lowerName))
            return slot.name;
    }
}

Zone::Ref Zone::findWildcard(const NameKey& key, unsigned labels) const noexcept {
    NameBuffer wildcard;
    if (!wildcard.join(Bytes("\1*", 2), key.suffix(labels)))
        return 0;
    return find(wildcard, key.wildcardHash(labels));
}

Zone::Ref Zone::nsecAtOrBefore(Bytes wanted) const noexcept {
    if (nsec_.empty())
        return 0;
    auto after = std::upper_bound(nsec_.begin(), nsec_.end(), wanted, [this](Bytes value, Ref each) {
        return compareNames(value, name(each)) < 0;
    });
    // The apex is the first in the order, so there is one before all names of the zone.
    return after == nsec_.begin() ? nsec_.back() : *(after - 1);
}

std::optional<Zone::Nsec3Parameters> Zone::nsec3() const noexcept {
    if (nsec3_.empty())
        return std::nullopt;
    // From a record of the chain itself: NSEC3PARAM may stand for a chain that is still being made.
    const RecordSet* records = set(nsec3_.front(), Type::NSEC3);
    const Bytes rdata = records->first();
    return Nsec3Parameters{get16(&rdata[2]), rdata.substr(5, get8(&rdata[4]))};
}

Zone::Ref Zone::nsec3AtOrBefore(Bytes hash, bool& exact) const noexcept {
    exact = false;
    if (nsec3_.empty())
        return 0;
    const auto text = base32Hex(hash);
    const Bytes wanted(text.data(), text.size());
    auto after = std::upper_bound(nsec3_.begin(), nsec3_.end(), wanted, [this](Bytes value, Ref each) {
        return compareText(value, firstLabel(name(each))) < 0;
    });
    if (after == nsec3_.begin())
        return nsec3_.back();
    exact = compareText(wanted, firstLabel(name(*(after - 1)))) == 0;
    return *(after - 1);
}

} // namespace twistdpp::dns
