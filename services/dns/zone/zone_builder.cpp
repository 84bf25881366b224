#include "twistdpp/dns_zone/zone_builder.h"

#include "twistdpp/dns_wire/octets.h"
#include "twistdpp/dns_zone/zone_findings.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace twistdpp::dns {

namespace {

/// What a set may hold for its answer to fit into a message beside the header and a question.
constexpr std::size_t kLargestSet = 65'000;
constexpr std::size_t kFirstSlots = 16;

/// What may stand beside a CNAME (RFC 4035 section 2.5, RFC 2535 section 2.3.5).
bool goesWithAlias(Type type) noexcept {
    return type == Type::RRSIG || type == Type::NSEC || type == Type::KEY || type == Type::SIG ||
           type == Type::NXT;
}

Type coveredBy(Type type, Bytes rdata) noexcept {
    return type == Type::RRSIG && rdata.size() >= 2 ? static_cast<Type>(get16(rdata.data())) : Type::none;
}

/// What a record takes in an answer: its rdata and an owner that is a pointer.
constexpr std::size_t inMessage(std::size_t bytes, unsigned count) noexcept {
    return bytes + std::size_t{count} * 10;
}

} // namespace

std::string ZoneProblem::message() const {
    std::string where = file;
    if (line != 0)
        where += ":" + std::to_string(line);
    return where.empty() ? text : where + ": " + text;
}

struct ZoneBuilder::Work {
    std::unique_ptr<Zone> zone;
    bool isHosts = false;
    bool hasCuts = false, hasNsec = false;
    NameKey key;
    std::string lastOwner; // as it was given
    Zone::Ref last = 0;    // the name of the record before

    Zone::Node& node(Zone::Ref ref) noexcept { return *reinterpret_cast<Zone::Node*>(zone->arena_.at(ref)); }
    RecordSet& setAt(Zone::Ref ref) noexcept { return *reinterpret_cast<RecordSet*>(zone->arena_.at(ref)); }

    void insert(std::uint32_t hash, Zone::Ref name);
    Zone::Ref make(Bytes owner, unsigned labels);
    Zone::Ref findSet(Zone::Ref name, Type type, Type covered) noexcept;
    Zone::Ref makeSet(Zone::Ref name, Type type, Type covered, std::uint32_t ttl);
    bool conflicts(Zone::Ref name, Type type) noexcept;
    Added append(Zone::Ref name, Zone::Ref set, std::uint32_t ttl, Bytes rdata);
    void markNames();
    Zone::Ref following = 0; // the name made last
};

ZoneBuilder::ZoneBuilder(Bytes origin) : work_(std::make_unique<Work>()) {
    work_->zone.reset(new Zone);
    Zone& zone = *work_->zone;
    zone.slots_.resize(kFirstSlots);
    const NameKey key(origin);
    zone.origin_ = key.wire();
    zone.originLabels_ = key.labels();
    work_->key = key;
    zone.apex_ = work_->make(origin, key.labels());
}

ZoneBuilder ZoneBuilder::hosts() {
    ZoneBuilder builder(Bytes("\0", 1));
    builder.work_->isHosts = true;
    return builder;
}

ZoneBuilder::~ZoneBuilder() = default;
ZoneBuilder::ZoneBuilder(ZoneBuilder&&) noexcept = default;

void ZoneBuilder::Work::insert(std::uint32_t hash, Zone::Ref name) {
    auto put = [](std::vector<Zone::Slot>& slots, Zone::Slot slot) {
        const std::size_t mask = slots.size() - 1;
        std::size_t i = slot.hash & mask;
        while (slots[i].name != 0)
            i = (i + 1) & mask;
        slots[i] = slot;
    };
    auto& slots = zone->slots_;
    if ((zone->nameCount_ + 1) * 4 > slots.size() * 3) {
        std::vector<Zone::Slot> larger(slots.size() * 2);
        for (const Zone::Slot& each : slots) {
            if (each.name != 0)
                put(larger, each);
        }
        slots = std::move(larger);
    }
    put(slots, {hash, name});
    ++zone->nameCount_;
}

/// The name that is the rightmost `labels` labels of `key`, made with all that is above it when it is not
/// there. `owner` is the key in its own case.
Zone::Ref ZoneBuilder::Work::make(Bytes owner, unsigned labels) {
    if (const Zone::Ref there = zone->find(key, labels))
        return there;
    const Zone::Ref parent = labels > zone->originLabels_ ? make(owner, labels - 1) : 0;
    const Bytes name = owner.substr(key.offset(labels));
    const Zone::Ref made = zone->arena_.allocate(sizeof(Zone::Node) + name.size());
    Zone::Node& fresh = node(made);
    fresh = {};
    fresh.parent = parent;
    fresh.nameSize = static_cast<std::uint8_t>(name.size());
    std::memcpy(reinterpret_cast<char*>(&fresh + 1), name.data(), name.size());
    if (following != 0)
        node(following).following = made;
    else
        zone->first_ = made;
    following = made;
    if (parent != 0 && name.starts_with(Bytes("\1*", 2)))
        node(parent).flags |= Zone::NameFlag::wildcard;
    insert(key.hash(labels), made);
    return made;
}

Zone::Ref ZoneBuilder::Work::findSet(Zone::Ref name, Type type, Type covered) noexcept {
    for (Zone::Ref at = node(name).sets; at; at = setAt(at).next_) {
        if (setAt(at).type_ == type && setAt(at).covered_ == covered)
            return at;
    }
    return 0;
}

Zone::Ref ZoneBuilder::Work::makeSet(Zone::Ref name, Type type, Type covered, std::uint32_t ttl) {
    const Zone::Ref made = zone->arena_.allocate(sizeof(RecordSet));
    RecordSet& set = setAt(made);
    std::memset(static_cast<void*>(&set), 0, sizeof set);
    set.type_ = type;
    set.covered_ = covered;
    set.ttl_ = ttl;
    // The order of the file, for who reads a transfer.
    Zone::Ref* end = &node(name).sets;
    while (*end != 0)
        end = &setAt(*end).next_;
    *end = made;
    return made;
}

bool ZoneBuilder::Work::conflicts(Zone::Ref name, Type type) noexcept {
    if (goesWithAlias(type))
        return false;
    if (type != Type::CNAME)
        return (node(name).flags & Zone::NameFlag::alias) != 0;
    for (Zone::Ref at = node(name).sets; at; at = setAt(at).next_) {
        if (!goesWithAlias(setAt(at).type_))
            return true;
    }
    return false;
}

ZoneBuilder::Added ZoneBuilder::Work::append(Zone::Ref name, Zone::Ref at, std::uint32_t ttl, Bytes rdata) {
    const RecordSet& old = setAt(at);
    for (const Bytes each : old) {
        if (each == rdata)
            return Added::duplicate;
    }
    const std::size_t used = old.used_, more = 2 + rdata.size();
    if (inMessage(used + rdata.size(), old.count_ + 1U) > kLargestSet)
        return Added::setTooLarge;
    if (old.capacity_ - used < more) {
        const std::size_t bytes = sizeof(RecordSet) + old.capacity_;
        if (zone->arena_.extend(at, bytes, used + more - old.capacity_)) {
            setAt(at).capacity_ = static_cast<std::uint32_t>(used + more);
        } else {
            // Something else stands behind it by now: it moves to the end, with room to grow.
            const std::size_t capacity = std::min((used + more) * 2, kLargestSet);
            const Zone::Ref moved = zone->arena_.allocate(sizeof(RecordSet) + capacity);
            std::memcpy(static_cast<void*>(&setAt(moved)), &setAt(at), sizeof(RecordSet) + used);
            setAt(moved).capacity_ = static_cast<std::uint32_t>(capacity);
            Zone::Ref* link = &node(name).sets;
            while (*link != at)
                link = &setAt(*link).next_;
            *link = moved;
            at = moved;
        }
    }
    RecordSet& set = setAt(at);
    char* const to = reinterpret_cast<char*>(&set + 1) + set.used_;
    const auto size = static_cast<std::uint16_t>(rdata.size());
    std::memcpy(to, &size, 2);
    std::memcpy(to + 2, rdata.data(), rdata.size());
    set.used_ += static_cast<std::uint32_t>(more);
    ++set.count_;
    ++zone->recordCount_;
    if (set.ttl_ == ttl)
        return Added::added;
    set.ttl_ = std::min(set.ttl_, ttl);
    // Signatures carry the TTL of what they cover, and several may stand with one name.
    return set.type_ == Type::RRSIG ? Added::added : Added::otherTtl;
}

ZoneBuilder::Added ZoneBuilder::add(Bytes owner, Type type, std::uint32_t ttl, Bytes rdata) {
    Work& w = *work_;
    Zone& zone = *w.zone;
    Zone::Ref name = w.last;
    if (name == 0 || owner != w.lastOwner) {
        w.key.assign(owner);
        if (w.key.labels() < zone.originLabels_ || w.key.suffix(zone.originLabels_) != zone.origin_)
            return Added::outOfZone;
        name = w.make(owner, w.key.labels());
        w.lastOwner = owner;
        w.last = name;
    }
    if (w.conflicts(name, type)) {
        const Zone::Ref same = type == Type::CNAME ? w.findSet(name, type, Type::none) : 0;
        return same != 0 && w.setAt(same).first() == rdata ? Added::duplicate : Added::cnameConflict;
    }
    const Type covered = coveredBy(type, rdata);
    Zone::Ref set = w.findSet(name, type, covered);
    if (type == Type::SOA && name == zone.apex_ && set != 0)
        return w.setAt(set).first() == rdata ? Added::duplicate : Added::secondSoa;
    if (set == 0)
        set = w.makeSet(name, type, covered, ttl);
    if (type == Type::CNAME)
        w.node(name).flags |= Zone::NameFlag::alias;
    else if (type == Type::DNAME)
        w.node(name).flags |= Zone::NameFlag::dname, w.hasCuts = true;
    else if (type == Type::NS && name != zone.apex_ && !w.isHosts)
        w.node(name).flags |= Zone::NameFlag::cut, w.hasCuts = true;
    else if (type == Type::NSEC || type == Type::NSEC3)
        w.hasNsec = true;
    return w.append(name, set, ttl, rdata);
}

const char* ZoneBuilder::explain(Added what) noexcept {
    switch (what) {
    case Added::added:
        return "";
    case Added::duplicate:
        return "stands there twice";
    case Added::otherTtl:
        return "has another TTL than the rest of its set; the smaller one holds (RFC 2181 section 5.2)";
    case Added::outOfZone:
        return "is out of the zone";
    case Added::setTooLarge:
        return "makes its set larger than a message (RFC 1035 section 4.2.2)";
    case Added::cnameConflict:
        return "is a CNAME beside other data, or data beside a CNAME (RFC 1034 section 3.6.2)";
    case Added::secondSoa:
        return "is a second SOA (RFC 1035 section 5.2)";
    }
    return "";
}

/// What a name is depends on the names above it, which may have come later.
void ZoneBuilder::Work::markNames() {
    if (!hasCuts && !hasNsec)
        return;
    for (Zone::Ref at = zone->first_; at; at = node(at).following) {
        for (Zone::Ref up = node(at).parent; hasCuts && up; up = node(up).parent) {
            if ((node(up).flags & (Zone::NameFlag::cut | Zone::NameFlag::dname)) != 0)
                node(at).flags |= Zone::NameFlag::occluded;
        }
        if (!hasNsec)
            continue;
        bool other = false, hashed = false, plain = false;
        for (Zone::Ref set = node(at).sets; set; set = setAt(set).next_) {
            const RecordSet& each = setAt(set);
            if (each.type_ == Type::NSEC3)
                hashed = true;
            else if (each.type_ == Type::NSEC)
                plain = true;
            else if (each.type_ != Type::RRSIG || each.covered_ != Type::NSEC3)
                other = true;
        }
        if (plain)
            zone->nsec_.push_back(at);
        if (hashed)
            zone->nsec3_.push_back(at);
        if (hashed && !other && !plain)
            node(at).flags |= Zone::NameFlag::hashed;
    }
    auto order = [this](Zone::Ref a, Zone::Ref b) { return compareNames(zone->name(a), zone->name(b)) < 0; };
    std::sort(zone->nsec_.begin(), zone->nsec_.end(), order);
    std::sort(zone->nsec3_.begin(), zone->nsec3_.end(), order);
}

std::shared_ptr<const Zone> ZoneBuilder::finish(std::vector<ZoneProblem>& problems) {
    const std::unique_ptr<Work> work = std::exchange(work_, nullptr);
    if (work->isHosts)
        work->zone->apex_ = 0;
    else
        work->markNames();
    work->zone->arena_.shrink();
    std::shared_ptr<const Zone> zone(std::move(work->zone));
    if (work->isHosts)
        return zone;
    return appendZoneFindings(*zone, problems) ? zone : nullptr;
}

} // namespace twistdpp::dns
