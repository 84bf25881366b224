#include "twistdpp/dns_answer/denial.h"

#include "twistdpp/dns_wire/digest.h"
#include "twistdpp/dns_wire/octets.h"

#include <algorithm>

namespace twistdpp::dns {

bool writeSet(
    MessageWriter& out, Section section, Bytes owner, const RecordSet& set, const RecordSet* signatures,
    std::uint32_t mostTtl
) noexcept {
    const auto mark = out.mark();
    const std::uint32_t ttl = std::min(set.ttl(), mostTtl);
    for (const RecordSet* each : {&set, signatures}) {
        if (!each)
            continue;
        for (const Bytes rdata : *each) {
            if (!out.record(section, owner, each->type(), Class::in, ttl, rdata))
                return out.rollback(mark), false;
        }
    }
    return true;
}

bool Denial::add(Zone::Ref name, Type type) noexcept {
    const Written one{zone_, name};
    const auto* const first = written_.data();
    if (name == 0 || std::find(first, first + count_, one) != first + count_)
        return true;
    const RecordSet* set = zone_->set(name, type);
    if (!set)
        return true;
    if (count_ < written_.size())
        written_[count_++] = one;
    return writeSet(out_, Section::authority, zone_->name(name), *set, zone_->signatures(name, type));
}

bool Denial::addNsecFor(Bytes name) noexcept {
    return add(zone_->nsecAtOrBefore(name), Type::NSEC);
}

Denial::Hash Denial::hash(Bytes name) const noexcept {
    const auto parameters = zone_->nsec3();
    Hash made{};
    if (parameters)
        nsec3Hash(name, parameters->salt, parameters->iterations, made);
    return made;
}

bool Denial::addNsec3Matching(Bytes name, bool& matched) noexcept {
    const Hash wanted = hash(name);
    const Zone::Ref at = zone_->nsec3AtOrBefore({wanted.data(), wanted.size()}, matched);
    return !matched || add(at, Type::NSEC3);
}

bool Denial::addNsec3Covering(Bytes name) noexcept {
    const Hash wanted = hash(name);
    bool exact = false;
    return add(zone_->nsec3AtOrBefore({wanted.data(), wanted.size()}, exact), Type::NSEC3);
}

bool Denial::closestEncloser(const NameKey& key, unsigned& encloser) noexcept {
    // With opt-out the real encloser may have no NSEC3 of its own.
    for (unsigned labels = encloser + 1; labels-- > zone_->originLabels();) {
        bool matched = false;
        if (!addNsec3Matching(key.suffix(labels), matched))
            return false;
        if (matched) {
            encloser = labels;
            return addNsec3Covering(key.suffix(labels + 1));
        }
    }
    return true;
}

bool Denial::noName(const NameKey& key, unsigned encloser) noexcept {
    // The wildcard is sought where the validator thinks that the closest encloser is (RFC 5155 section 8.4).
    if (zone_->nsec3() && !closestEncloser(key, encloser))
        return false;
    NameBuffer wildcard;
    const bool fits = wildcard.join(Bytes("\1*", 2), key.suffix(encloser));
    if (zone_->nsec3())
        return !fits || addNsec3Covering(wildcard);
    return addNsecFor(key.wire()) && (!fits || addNsecFor(wildcard));
}

bool Denial::noData(const NameKey& key, Zone::Ref name) noexcept {
    if (!zone_->nsec3())
        return zone_->set(name, Type::NSEC) ? add(name, Type::NSEC) : addNsecFor(key.wire());
    bool matched = false;
    if (!addNsec3Matching(key.wire(), matched))
        return false;
    // An insecure delegation, or a name that only leads to some, in a span that is opted out.
    if (matched || key.labels() <= zone_->originLabels())
        return true;
    unsigned encloser = key.labels() - 1;
    return closestEncloser(key, encloser);
}

bool Denial::wildcardAnswer(const NameKey& key, unsigned encloser) noexcept {
    return zone_->nsec3() ? addNsec3Covering(key.suffix(encloser + 1)) : addNsecFor(key.wire());
}

bool Denial::wildcardNoData(const NameKey& key, unsigned encloser, Zone::Ref wildcard) noexcept {
    if (!zone_->nsec3())
        return addNsecFor(key.wire()) && add(wildcard, Type::NSEC);
    bool matched = false;
    NameBuffer name;
    return closestEncloser(key, encloser) &&
           (!name.join(Bytes("\1*", 2), key.suffix(encloser)) || addNsec3Matching(name, matched));
}

} // namespace twistdpp::dns
