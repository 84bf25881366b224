#pragma once
#include "twistdpp/dns_wire/name.h"
#include "twistdpp/dns_zone/zone.h"

#include <memory>
#include <vector>

namespace twistdpp::dns {

/// A zone that is served, or should be: a secondary that has not got its data, or whose data has expired, has
/// none.
struct ServedZone {
    std::string origin; // wire name in lower case
    std::shared_ptr<const Zone> zone;
    std::string source{}; // where its data comes from, for people: a file
};

/// Everything that questions are answered from at one moment. Immutable: a change makes another one, which
/// every reactor takes over at a time of its own.
class Catalog {
public:
    Catalog() = default;
    /// Two zones of one name must not be there.
    Catalog(std::vector<ServedZone> zones, std::shared_ptr<const Zone> hosts);

    /// The deepest zone that `key` is in; for DS one above a zone of that very name, if there is one (RFC
    /// 4035 section 3.1.4.1). nullptr when it is in none.
    const ServedZone* find(const NameKey& key, Type type) const noexcept;
    /// The zone of that very name.
    const ServedZone* exact(const NameKey& key) const noexcept { return at(key, key.labels()); }
    const std::vector<ServedZone>& zones() const noexcept { return zones_; }
    /// All hosts files; nullptr when there are none.
    const Zone* hosts() const noexcept { return hosts_.get(); }

private:
    const ServedZone* at(const NameKey& key, unsigned labels) const noexcept;

    std::vector<ServedZone> zones_;
    std::vector<std::uint32_t> slots_; // index + 1 into zones_, by the hash of the origin; 0 is free
    unsigned fewestLabels_ = 0, mostLabels_ = 0;
    std::shared_ptr<const Zone> hosts_;
};

} // namespace twistdpp::dns
