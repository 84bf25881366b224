#include "twistdpp/dns_transfer/zone_difference.h"

namespace twistdpp::dns {

namespace {

const RecordSet* find(const Zone& zone, const NameKey& key, const RecordSet& like) noexcept {
    const Zone::Ref name = zone.find(key);
    if (name == 0)
        return nullptr;
    return like.type() == Type::RRSIG ? zone.signatures(name, like.covered()) : zone.set(name, like.type());
}

bool has(const RecordSet& set, Bytes rdata) noexcept {
    for (const Bytes each : set) {
        if (each == rdata)
            return true;
    }
    return false;
}

/// Whether both hold the same records in the same order.
bool same(const RecordSet& a, const RecordSet& b) noexcept {
    if (a.count() != b.count())
        return false;
    auto other = b.begin();
    for (const Bytes each : a) {
        if (each != *other)
            return false;
        ++other;
    }
    return true;
}

/// Notes what `from` has and `other` lacks. A set of another TTL is another one as a whole. False when it is
/// too much.
bool collect(const Zone& from, const Zone& other, RecordList& to, std::size_t most) {
    NameKey key;
    Bytes owner;
    from.forEachSet([&](Bytes name, const RecordSet& set) {
        if (to.memory() > most || (set.type() == Type::SOA && equalNames(name, from.origin())))
            return;
        if (name.data() != owner.data())
            key.assign(owner = name);
        const RecordSet* const there = find(other, key, set);
        const bool another = !there || there->ttl() != set.ttl();
        if (!another && same(set, *there))
            return;
        for (const Bytes rdata : set) {
            if (another || !has(*there, rdata))
                to.add({name, set.type(), set.ttl(), rdata});
        }
    });
    return to.memory() <= most;
}

void addSoa(const Zone& zone, RecordList& to) {
    to.add({zone.name(zone.apex()), Type::SOA, zone.soa()->ttl(), zone.soa()->first()});
}

} // namespace

std::shared_ptr<const ZoneDifference> differenceOf(const Zone& before, const Zone& now, std::size_t most) {
    if (!before.soa() || !now.soa() || !serialAfter(now.serial(), before.serial()))
        return nullptr;
    auto made = std::make_shared<ZoneDifference>();
    made->from = before.serial();
    made->to = now.serial();
    addSoa(before, made->removed);
    addSoa(now, made->added);
    if (!collect(before, now, made->removed, most) || !collect(now, before, made->added, most) ||
        made->memory() > most)
        return nullptr;
    return made;
}

} // namespace twistdpp::dns
