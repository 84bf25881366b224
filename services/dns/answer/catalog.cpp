#include "twistdpp/dns_answer/catalog.h"

#include <algorithm>

namespace twistdpp::dns {

Catalog::Catalog(std::vector<ServedZone> zones, std::shared_ptr<const Zone> hosts)
    : zones_(std::move(zones)), hosts_(std::move(hosts)) {
    std::size_t size = 4;
    while (size < zones_.size() * 2)
        size *= 2;
    slots_.assign(size, 0);
    fewestLabels_ = kMaxLabels;
    for (std::size_t i = 0; i < zones_.size(); ++i) {
        const NameKey key(zones_[i].origin);
        fewestLabels_ = std::min(fewestLabels_, key.labels());
        mostLabels_ = std::max(mostLabels_, key.labels());
        std::size_t slot = key.hash() & (size - 1);
        while (slots_[slot] != 0)
            slot = (slot + 1) & (size - 1);
        slots_[slot] = static_cast<std::uint32_t>(i + 1);
    }
}

const ServedZone* Catalog::at(const NameKey& key, unsigned labels) const noexcept {
    if (zones_.empty())
        return nullptr;
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t slot = key.hash(labels) & mask; slots_[slot] != 0; slot = (slot + 1) & mask) {
        const ServedZone& zone = zones_[slots_[slot] - 1];
        if (zone.origin == key.suffix(labels))
            return &zone;
    }
    return nullptr;
}

const ServedZone* Catalog::find(const NameKey& key, Type type) const noexcept {
    if (zones_.empty() || key.labels() < fewestLabels_)
        return nullptr;
    const ServedZone* child = nullptr;
    for (unsigned labels = std::min(key.labels(), mostLabels_) + 1; labels-- > fewestLabels_;) {
        const ServedZone* zone = at(key, labels);
        if (!zone)
            continue;
        if (type != Type::DS || labels < key.labels() || labels == 0)
            return zone;
        child = zone;
    }
    return child;
}

} // namespace twistdpp::dns
