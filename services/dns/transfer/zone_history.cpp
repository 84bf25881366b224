#include "twistdpp/dns_transfer/zone_history.h"

#include <algorithm>

namespace twistdpp::dns {

void ZoneHistory::add(const Zone& before, const Zone& now, std::shared_ptr<const ZoneDifference> difference) {
    const std::lock_guard lock(mutex_);
    Past& past = zones_[Name(now.origin())];
    const bool continues = difference && past.ambiguous != difference->from &&
                           (past.chain.empty() || past.chain.back()->to == difference->from);
    if (before.serial() == now.serial())
        past.ambiguous = now.serial();
    else if (difference)
        past.ambiguous.reset();
    if (!continues) {
        past.chain.clear();
        past.bytes = 0;
        return;
    }
    past.bytes += difference->memory();
    past.chain.push_back(std::move(difference));
    while (past.chain.size() > limits_.differences || past.bytes > limits_.bytes) {
        past.bytes -= past.chain.front()->memory();
        past.chain.erase(past.chain.begin());
    }
}

void ZoneHistory::forgetAllBut(const Catalog& catalog) {
    const std::lock_guard lock(mutex_);
    std::erase_if(zones_, [&](const auto& each) { return !catalog.exact(NameKey(each.first)); });
}

std::optional<DifferenceChain> ZoneHistory::path(Bytes origin, std::uint32_t from, std::uint32_t to) const {
    const std::lock_guard lock(mutex_);
    const auto zone = zones_.find(Name(origin));
    if (zone == zones_.end())
        return std::nullopt;
    const DifferenceChain& chain = zone->second.chain;
    const auto first =
        std::find_if(chain.begin(), chain.end(), [&](const auto& each) { return each->from == from; });
    const auto last = std::find_if(first, chain.end(), [&](const auto& each) { return each->to == to; });
    if (last == chain.end())
        return std::nullopt;
    return DifferenceChain(first, last + 1);
}

std::size_t ZoneHistory::memory(Bytes origin) const {
    const std::lock_guard lock(mutex_);
    const auto zone = zones_.find(Name(origin));
    return zone == zones_.end() ? 0 : zone->second.bytes;
}

} // namespace twistdpp::dns
