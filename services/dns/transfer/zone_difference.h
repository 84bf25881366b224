#pragma once
#include "twistdpp/dns_transfer/record_list.h"
#include "twistdpp/dns_zone/zone.h"

#include <memory>

namespace twistdpp::dns {

/// Whether serial `now` comes after `before` (RFC 1982 section 3.2).
constexpr bool serialAfter(std::uint32_t now, std::uint32_t before) noexcept {
    return now != before && now - before < 0x80000000U;
}

/// What makes a version of a zone out of the one before, as IXFR sends it (RFC 1995 section 4): first what
/// goes, with the old SOA in front, then what comes, with the new one in front.
struct ZoneDifference {
    std::uint32_t from = 0, to = 0; // serials
    RecordList removed, added;

    std::size_t memory() const noexcept { return sizeof(*this) + removed.memory() + added.memory(); }
    std::size_t records() const noexcept { return removed.count() + added.count(); }
};

/// The difference of two versions of a zone; nullptr when it would take more than `most` bytes, or when the
/// serial does not advance. Any thread; takes time in proportion to the zone.
std::shared_ptr<const ZoneDifference>
differenceOf(const Zone& before, const Zone& now, std::size_t most = static_cast<std::size_t>(-1));

} // namespace twistdpp::dns
