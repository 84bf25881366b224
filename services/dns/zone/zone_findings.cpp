#include "twistdpp/dns_zone/zone_findings.h"

#include "twistdpp/dns_wire/rdata.h"

namespace twistdpp::dns {

namespace {

ZoneProblem problem(bool fatal, std::string text) {
    ZoneProblem made;
    made.fatal = fatal;
    made.text = std::move(text);
    return made;
}

class Findings {
public:
    Findings(const Zone& zone, std::vector<ZoneProblem>& problems) : zone_(zone), problems_(problems) {}

    /// A name that must lead to an address by itself (RFC 2181 section 10.3).
    void checkTarget(Bytes owner, const RecordSet& set, Bytes target) {
        if (!isWithin(target, zone_.origin()))
            return;
        const std::string what = nameText(owner) + " " + typeText(set.type()) + " " + nameText(target);
        const NameKey key(target);
        const Zone::Ref there = findOrWildcard(key);
        if (there == 0)
            return belowCut(key) ? missingGlue(owner, set, target, what)
                                 : note(what + " points to a name that is not there");
        if ((zone_.flags(there) & Zone::NameFlag::alias) != 0)
            return note(what + " points to an alias (RFC 2181 section 10.3)");
        if (!zone_.set(there, Type::A) && !zone_.set(there, Type::AAAA)) {
            if (belowCut(key) || (zone_.flags(there) & Zone::NameFlag::cut) != 0)
                return missingGlue(owner, set, target, what);
            note(what + " points to a name without an address");
        }
    }

private:
    Zone::Ref findOrWildcard(const NameKey& key) const {
        if (const Zone::Ref there = zone_.find(key))
            return there;
        for (unsigned labels = key.labels(); labels-- > zone_.originLabels();) {
            if (const Zone::Ref above = zone_.find(key, labels))
                return (zone_.flags(above) & Zone::NameFlag::wildcard) != 0 ? zone_.findWildcard(key, labels)
                                                                            : 0;
        }
        return 0;
    }
    bool belowCut(const NameKey& key) const {
        for (unsigned labels = zone_.originLabels() + 1; labels < key.labels(); ++labels) {
            const Zone::Ref above = zone_.find(key, labels);
            if (above != 0 && (zone_.flags(above) & Zone::NameFlag::cut) != 0)
                return true;
        }
        return false;
    }
    /// Only the delegation itself needs the address of a server that is within it.
    void missingGlue(Bytes owner, const RecordSet& set, Bytes target, const std::string& what) {
        if (set.type() == Type::NS && isWithin(target, owner))
            note(what + " has no glue: its address must stand in this zone (RFC 1034 section 4.2.1)");
    }
    void note(std::string text) {
        if (problems_.size() < kMostFindings)
            problems_.push_back(problem(false, std::move(text)));
    }

    static constexpr std::size_t kMostFindings = 100;
    const Zone& zone_;
    std::vector<ZoneProblem>& problems_;
};

} // namespace

bool appendZoneFindings(const Zone& zone, std::vector<ZoneProblem>& problems) {
    const std::string name = "zone " + nameText(zone.origin());
    bool good = true;
    if (!zone.soa()) {
        problems.push_back(problem(true, name + " has no SOA record at its apex (RFC 1035 section 5.2)"));
        good = false;
    }
    if (!zone.set(zone.apex(), Type::NS)) {
        problems.push_back(problem(true, name + " has no NS record at its apex (RFC 1034 section 4.2.1)"));
        good = false;
    }
    if (!good)
        return false;
    Findings findings(zone, problems);
    zone.forEachSet([&](Bytes owner, const RecordSet& set) {
        if (set.type() != Type::NS && set.type() != Type::MX)
            return;
        for (const Bytes rdata : set)
            findings.checkTarget(owner, set, rdata.substr(compressibleNames(set.type()).skip));
    });
    return true;
}

} // namespace twistdpp::dns
