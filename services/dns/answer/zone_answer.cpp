#include "twistdpp/dns_answer/zone_answer.h"

#include "twistdpp/dns_answer/denial.h"
#include "twistdpp/dns_wire/octets.h"
#include "twistdpp/dns_wire/rdata.h"

#include <algorithm>
#include <array>
#include <optional>

namespace twistdpp::dns {

namespace {

constexpr std::size_t kQuestionName = 12; // where the question's name stands in every answer
constexpr unsigned kMostLinks = 16;       // of a chain of aliases
constexpr unsigned kMostTargets = 32;     // whose addresses are added

/// The name that a record leads to and whose addresses its reader will ask for next (RFC 1034 section 4.3.2
/// step 6, RFC 2782, RFC 9460 section 4.1); empty when it leads to none.
Bytes targetOf(Type type, Bytes rdata) noexcept {
    std::size_t skip = 0;
    switch (type) {
    case Type::NS:
    case Type::MB:
    case Type::MD:
    case Type::MF:
        break;
    case Type::MX:
    case Type::KX:
    case Type::AFSDB:
    case Type::RT:
    case Type::LP:
    case Type::SVCB:
    case Type::HTTPS:
        skip = 2;
        break;
    case Type::SRV:
        skip = 6;
        break;
    default:
        return {};
    }
    const Bytes rest = rdata.substr(std::min(skip, rdata.size()));
    return rest.substr(0, wireNameSize(rest));
}

class ZoneAnswer {
public:
    ZoneAnswer(
        const Zone& zone, const Catalog* others, const Query& query, MessageWriter& out, Trace* trace
    ) noexcept
        : zone_(&zone), others_(others), query_(query), out_(out), trace_(trace), denial_(zone, out),
          key_(&query.key), owner_(query.name), signed_(query.edns.dnssecOk) {}

    void run() noexcept {
        out_.addFlags(Flag::aa);
        while (follow() == Step::alias) {
            owner_ = target_;
            ownerAt_ = 0;
            targetKey_.assign(target_);
            key_ = &targetKey_;
            if (passedCount_ == kMostLinks || !chooseZone()) {
                say("the chain of aliases ends here, at %", target_);
                break;
            }
        }
        proveWildcards();
    }

private:
    enum class Step { done, alias };
    /// When a wildcard stands for a name that is not there: how many labels the wildcard's parent has.
    using Wild = std::optional<unsigned>;

    void say(const char* what, Bytes name) {
        if (!trace_)
            return;
        std::string text(what);
        trace_->say(text.replace(text.find('%'), 1, nameText(name)));
    }

    /// An alias goes back to step 1: the nearest zone of ours that its target is in.
    bool chooseZone() noexcept {
        const ServedZone* served = others_ ? others_->find(*key_, query_.type) : nullptr;
        if (!served)
            return isWithin(owner_, zone_->origin());
        if (served->zone && served->zone.get() != zone_) {
            zone_ = served->zone.get();
            say("its target is in zone % (step 2)", zone_->origin());
        }
        return served->zone != nullptr;
    }

    Step follow() noexcept {
        denial_.setZone(*zone_);
        Zone::Ref name = zone_->find(*key_);
        unsigned encloser = key_->labels();
        using Flag = Zone::NameFlag;
        if (name == 0 || (zone_->flags(name) & (Flag::cut | Flag::occluded | Flag::hashed)) != 0) {
            // From the apex down: what is delegated or renamed above the name hides it (RFC 1034
            // section 4.3.2 step 3).
            Zone::Ref above = zone_->apex();
            encloser = zone_->originLabels();
            while (encloser < key_->labels()) {
                if ((zone_->flags(above) & Flag::dname) != 0)
                    return rename(above, encloser);
                const Zone::Ref next = zone_->find(*key_, encloser + 1);
                if (next == 0 || (zone_->flags(next) & Flag::hashed) != 0)
                    break;
                above = next;
                ++encloser;
                if ((zone_->flags(above) & Flag::cut) != 0 &&
                    (encloser < key_->labels() || query_.type != Type::DS))
                    return refer(above, encloser);
            }
            name = encloser == key_->labels() ? above : 0;
            if (name == 0)
                return (zone_->flags(above) & Flag::wildcard) != 0 ? expand(encloser) : noName(encloser);
        }
        say("% is there (step 3a)", owner_);
        return answerFrom(name, std::nullopt);
    }

    /// Step 3c with `*`.
    Step expand(unsigned encloser) noexcept {
        const Zone::Ref wildcard = zone_->findWildcard(*key_, encloser);
        if (wildcard == 0)
            return noName(encloser);
        say("the wildcard % stands for it (step 3c, RFC 4592)", zone_->name(wildcard));
        return answerFrom(wildcard, encloser);
    }

    Step answerFrom(Zone::Ref name, Wild wild) noexcept {
        if (query_.type == Type::ANY)
            return any(name, wild);
        if (query_.type == Type::RRSIG)
            return signaturesOnly(name, wild);
        if (const RecordSet* set = zone_->set(name, query_.type)) {
            if (!addAnswer(name, *set))
                return Step::done;
            noteWildcard(wild);
            if (proveWildcards())
                addTargets(*set, false);
            return Step::done;
        }
        // NSEC may stand beside a CNAME (RFC 4035 section 2.5) and is not looked for elsewhere.
        if ((zone_->flags(name) & Zone::NameFlag::alias) != 0 && query_.type != Type::NSEC)
            return alias(name, wild);
        return noData(name, wild);
    }

    Step alias(Zone::Ref name, Wild wild) noexcept {
        const auto* const first = passed_.data();
        if (std::any_of(first, first + passedCount_, [this](Bytes each) { return equalNames(each, owner_); }))
            return Step::done; // a circle: every record of it is in the answer
        passed_[passedCount_++] = owner_;
        const RecordSet* set = zone_->set(name, Type::CNAME);
        if (!addAnswer(name, *set))
            return Step::done;
        noteWildcard(wild);
        target_ = set->first();
        say("it is an alias for %", target_);
        return Step::alias;
    }

    /// One set of whatever there is (RFC 8482 section 4.1).
    Step any(Zone::Ref name, Wild wild) noexcept {
        for (const RecordSet* set = zone_->sets(name); set; set = zone_->next(*set)) {
            if (set->type() == Type::RRSIG || set->type() == Type::NSEC)
                continue;
            if (addAnswer(name, *set))
                noteWildcard(wild);
            return Step::done;
        }
        return noData(name, wild);
    }

    /// The same for signatures, whose question is as good for reflecting.
    Step signaturesOnly(Zone::Ref name, Wild wild) noexcept {
        for (const RecordSet* set = zone_->sets(name); set; set = zone_->next(*set)) {
            if (set->type() != Type::RRSIG)
                continue;
            if (!addRecords(*set, set->ttl()))
                return truncate();
            noteWildcard(wild);
            return Step::done;
        }
        return noData(name, wild);
    }

    /// Everything below a DNAME has another name (RFC 6672 section 3.2).
    Step rename(Zone::Ref above, unsigned labels) noexcept {
        const RecordSet* set = zone_->set(above, Type::DNAME);
        const Bytes to = set->first();
        say("% renames all below it (step 3c, RFC 6672)", zone_->name(above));
        const auto* const first = renamedBy_.data();
        if (renames_ == renamed_.size() || std::find(first, first + renames_, set) != first + renames_)
            return Step::done; // a circle
        renamedBy_[renames_] = set;
        const RecordSet* signatures = signed_ ? zone_->signatures(above, Type::DNAME) : nullptr;
        if (!writeSet(out_, Section::answer, zone_->name(above), *set, signatures))
            return truncate();
        const Bytes head = owner_.substr(0, key_->offset(labels));
        NameBuffer& renamed = renamed_[renames_++]; // the owner may stand in the one before
        if (!renamed.join(head, to)) {
            out_.setRcode(Rcode::yxDomain);
            return Step::done;
        }
        target_ = renamed;
        if (!addOne(Type::CNAME, set->ttl(), target_))
            return truncate();
        return query_.type == Type::CNAME ? Step::done : Step::alias; // it was asked for, it is not followed
    }

    Step refer(Zone::Ref cut, unsigned labels) noexcept {
        say("% is delegated (step 3b)", zone_->name(cut));
        if (out_.count(Section::answer) == 0)
            out_.setFlags(static_cast<std::uint16_t>(out_.flags() & ~Flag::aa));
        if (!proveWildcards())
            return Step::done;
        const RecordSet* set = zone_->set(cut, Type::NS);
        cut_ = zone_->name(cut);
        if (!writeSet(out_, Section::authority, cut_, *set, nullptr))
            return truncate();
        if (signed_ && zone_->isSigned()) {
            if (const RecordSet* ds = zone_->set(cut, Type::DS)) {
                if (!writeSet(out_, Section::authority, cut_, *ds, zone_->signatures(cut, Type::DS)))
                    return truncate();
            } else {
                scratchKey_.assign(key_->suffix(labels));
                if (!denial_.noData(scratchKey_, cut))
                    return truncate();
            }
        }
        addTargets(*set, true);
        return Step::done;
    }

    Step noName(unsigned encloser) noexcept {
        say("nothing stands for %: no such name (step 3c)", owner_);
        out_.setRcode(Rcode::nxDomain);
        if (!proveWildcards())
            return Step::done;
        if (!addSoa() || (proving() && !denial_.noName(*key_, encloser)))
            return truncate();
        return Step::done;
    }

    Step noData(Zone::Ref name, Wild wild) noexcept {
        say("% has no records of the type (step 3a)", owner_);
        if (!proveWildcards())
            return Step::done;
        if (!addSoa())
            return truncate();
        if (!proving())
            return Step::done;
        const bool fits = wild ? denial_.wildcardNoData(*key_, *wild, name) : denial_.noData(*key_, name);
        return fits ? Step::done : truncate();
    }

    bool proving() const noexcept { return signed_ && zone_->isSigned(); }

    /// The proofs stand in the authority section and so wait until the answer section is complete.
    void noteWildcard(Wild wild) noexcept {
        if (wild && proving() && expandedCount_ < expanded_.size())
            expanded_[expandedCount_++] = {owner_, *wild, zone_};
    }
    bool proveWildcards() noexcept {
        for (unsigned i = 0; i < expandedCount_; ++i) {
            scratchKey_.assign(expanded_[i].owner);
            denial_.setZone(*expanded_[i].zone);
            if (!denial_.wildcardAnswer(scratchKey_, expanded_[i].encloser)) {
                truncate();
                return false;
            }
        }
        expandedCount_ = 0;
        denial_.setZone(*zone_);
        return true;
    }

    Step truncate() noexcept {
        out_.addFlags(Flag::tc);
        return Step::done;
    }

    bool addOne(Type type, std::uint32_t ttl, Bytes rdata) noexcept {
        return ownerAt_ != 0 ? out_.recordAt(Section::answer, ownerAt_, type, Class::in, ttl, rdata)
                             : out_.record(Section::answer, owner_, type, Class::in, ttl, rdata);
    }

    bool addRecords(const RecordSet& set, std::uint32_t ttl) noexcept {
        for (const Bytes rdata : set) {
            if (!addOne(set.type(), ttl, rdata))
                return false;
        }
        return true;
    }

    bool addAnswer(Zone::Ref name, const RecordSet& set) noexcept {
        const auto mark = out_.mark();
        const RecordSet* signatures = signed_ ? zone_->signatures(name, set.type()) : nullptr;
        if (addRecords(set, set.ttl()) && (!signatures || addRecords(*signatures, set.ttl())))
            return true;
        out_.rollback(mark);
        truncate();
        return false;
    }

    /// How long nothing may be remembered (RFC 2308 section 3).
    bool addSoa() noexcept {
        const RecordSet* set = zone_->soa();
        return writeSet(
            out_, Section::authority, zone_->name(zone_->apex()), *set,
            signed_ ? zone_->signatures(zone_->apex(), Type::SOA) : nullptr, Soa(set->first()).minimum
        );
    }

    /// The addresses of the names that the set leads to. Of a delegation (cut_) those that cannot be had
    /// without it must be there (RFC 9471); all others are a courtesy.
    void addTargets(const RecordSet& set, bool delegation) noexcept {
        std::array<Bytes, kMostTargets> seen;
        unsigned count = 0;
        // First what is needed, then what is left of the room is for the others.
        for (const bool needed : {true, false}) {
            if (needed && !delegation)
                continue;
            for (const Bytes rdata : set) {
                const Bytes target = targetOf(set.type(), rdata);
                if (target.size() <= 1 || count == kMostTargets || !isWithin(target, zone_->origin()))
                    continue;
                if (delegation && needed != isWithin(target, cut_))
                    continue;
                if (std::any_of(seen.data(), seen.data() + count, [target](Bytes each) {
                        return equalNames(each, target);
                    }))
                    continue;
                seen[count++] = target;
                if (!addAddresses(target, delegation) && needed)
                    return out_.addFlags(Flag::tc);
            }
        }
    }

    bool addAddresses(Bytes target, bool glue) noexcept {
        scratchKey_.assign(target);
        const Zone::Ref name = zone_->find(scratchKey_);
        using Flag = Zone::NameFlag;
        if (name == 0 || (!glue && (zone_->flags(name) & (Flag::occluded | Flag::cut)) != 0))
            return true;
        for (const Type type : {Type::A, Type::AAAA}) {
            const RecordSet* set = zone_->set(name, type);
            const RecordSet* signatures = signed_ && set ? zone_->signatures(name, type) : nullptr;
            if (set && !writeSet(out_, Section::additional, target, *set, signatures))
                return false;
        }
        return true;
    }

    const Zone* zone_; // that the name looked for is in
    const Catalog* const others_;
    const Query& query_;
    MessageWriter& out_;
    Trace* const trace_;
    Denial denial_;
    const NameKey* key_; // of the name that is sought: the question's, then the target of each alias
    Bytes owner_;        // the same name in its own case
    std::size_t ownerAt_ = kQuestionName;
    const bool signed_;
    Bytes target_, cut_;
    NameKey targetKey_, scratchKey_;
    std::array<NameBuffer, kMostLinks> renamed_;
    std::array<const RecordSet*, kMostLinks> renamedBy_;
    unsigned renames_ = 0;
    std::array<Bytes, kMostLinks> passed_; // the aliases of the chain so far
    unsigned passedCount_ = 0;
    /// Names of the answer that a wildcard stood for.
    struct Expanded {
        Bytes owner;
        unsigned encloser;
        const Zone* zone;
    };
    std::array<Expanded, kMostLinks + 1> expanded_;
    unsigned expandedCount_ = 0;
};

} // namespace

void answerFromZone(
    const Zone& zone, const Query& query, MessageWriter& out, const Catalog* others, Trace* trace
) noexcept {
    ZoneAnswer(zone, others, query, out, trace).run();
}

} // namespace twistdpp::dns
