#pragma once
#include "twistdpp/dns_answer/catalog.h"
#include "twistdpp/dns_transfer/zone_difference.h"
#include "twistdpp/dns_wire/name.h"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace twistdpp::dns {

/// Differences between versions that follow each other, oldest first. Immutable.
using DifferenceChain = std::vector<std::shared_ptr<const ZoneDifference>>;

/// Keeps how the zones have changed, so that IXFR can send the changes alone. Bounded: the oldest go first.
class ZoneHistory {
public:
    struct Limits {
        std::size_t differences = 100; // a zone
        std::size_t bytes = 16 << 20;  // a zone
    };

    ZoneHistory() : ZoneHistory(Limits()) {}
    explicit ZoneHistory(Limits limits) : limits_(limits) {}
    const Limits& limits() const noexcept { return limits_; }

    /// A zone has become `now`; `difference` is what differenceOf() made of both versions. Without one, or
    /// when it does not continue what is there, the past is forgotten. Calls come in the order of the
    /// changes.
    void add(const Zone& before, const Zone& now, std::shared_ptr<const ZoneDifference> difference);
    /// Other zones are served no more.
    void forgetAllBut(const Catalog& catalog);

    /// The differences that lead from one serial to another; nothing when they are not all there. Any thread.
    std::optional<DifferenceChain> path(Bytes origin, std::uint32_t from, std::uint32_t to) const;
    /// Bytes in use by a zone's differences. Any thread.
    std::size_t memory(Bytes origin) const;

private:
    struct Past {
        DifferenceChain chain;
        std::size_t bytes = 0;
        /// A serial that two versions had: nobody knows which of them who has it holds.
        std::optional<std::uint32_t> ambiguous;
    };

    const Limits limits_;
    mutable std::mutex mutex_;
    std::map<Name, Past> zones_;
};

} // namespace twistdpp::dns
