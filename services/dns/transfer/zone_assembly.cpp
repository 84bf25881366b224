#include "twistdpp/dns_transfer/zone_assembly.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/dns_wire/rdata.h"

#include <string>
#include <unordered_map>

namespace twistdpp::dns {

namespace {

constexpr std::size_t kMostRemarks = 20; // about single records

/// A ZoneBuilder that remembers what did not go well.
class Assembly {
public:
    explicit Assembly(Bytes origin) : builder_(origin) {}

    void add(const RecordRef& record) {
        const ZoneBuilder::Added what = builder_.add(record.owner, record.type, record.ttl, record.rdata);
        if (what == ZoneBuilder::Added::added || what == ZoneBuilder::Added::duplicate ||
            problems_.size() >= kMostRemarks)
            return;
        ZoneProblem problem;
        problem.fatal = false;
        problem.text = "the record " + nameText(record.owner) + " " + typeText(record.type) + " " +
                       ZoneBuilder::explain(what);
        problems_.push_back(std::move(problem));
    }

    Result<AssembledZone> finish() {
        AssembledZone made;
        made.problems = std::move(problems_);
        made.zone = builder_.finish(made.problems);
        if (made.zone)
            return made;
        for (const ZoneProblem& each : made.problems) {
            if (each.fatal)
                return Error(each.text);
        }
        return Error("the records make no zone");
    }

private:
    ZoneBuilder builder_;
    std::vector<ZoneProblem> problems_;
};

/// Several differences as one: which records of the old version go, and which come.
class Changes {
public:
    /// What happens to a record.
    struct Change {
        bool removed = false; // from the old version
        bool found = false;   // it was there
        bool present = false; // it is in the new version
        RecordRef added;      // when it is
    };

    /// Takes the next difference; false when it removes what an earlier one has removed, or adds what is
    /// there.
    bool take(const ZoneDifference& difference) {
        RecordRef record;
        for (auto cursor = RecordList::Cursor(difference.removed); cursor.next(record);) {
            if (record.type == Type::SOA)
                continue;
            Change& change = at(record);
            if (change.present)
                change.present = false;
            else if (std::exchange(change.removed, true))
                return false;
        }
        for (auto cursor = RecordList::Cursor(difference.added); cursor.next(record);) {
            if (record.type == Type::SOA)
                continue;
            Change& change = at(record);
            if (std::exchange(change.present, true))
                return false;
            change.added = record;
        }
        return true;
    }

    /// What happens to a record of the old version; nullptr when nothing does.
    Change* find(const RecordRef& record) {
        lowerOwner(record);
        if (!owners_.contains(key_))
            return nullptr;
        finishKey(record);
        const auto at = changes_.find(key_);
        return at == changes_.end() ? nullptr : &at->second;
    }

    bool allFound() const {
        for (const auto& [key, change] : changes_) {
            if (change.removed && !change.found)
                return false;
        }
        return true;
    }
    template <class F>
    void forEachAdded(F f) const {
        for (const auto& [key, change] : changes_) {
            if (change.present)
                f(change.added);
        }
    }

private:
    void lowerOwner(const RecordRef& record) {
        key_.assign(record.owner);
        for (char& each : key_)
            each = ascii::lower(each);
    }
    void finishKey(const RecordRef& record) {
        key_ += static_cast<char>(static_cast<unsigned>(record.type) >> 8);
        key_ += static_cast<char>(static_cast<unsigned>(record.type) & 0xff);
        appendCanonicalRdata(record.type, record.rdata, key_);
    }
    Change& at(const RecordRef& record) {
        lowerOwner(record);
        owners_.try_emplace(key_);
        finishKey(record);
        return changes_[key_];
    }

    std::string key_; // owner, type and data, without the case of letters that means nothing
    std::unordered_map<std::string, char> owners_;
    std::unordered_map<std::string, Change> changes_;
};

Result<AssembledZone> applyDifferences(Bytes origin, const Zone& before, const TransferResult& result) {
    Changes changes;
    for (const auto& each : result.differences) {
        if (!changes.take(*each))
            return Error("the differences contradict each other");
    }
    Assembly assembly(origin);
    // The new SOA stands in front of what the last one adds.
    RecordRef record;
    RecordList::Cursor(result.differences.back()->added).next(record);
    assembly.add(record);
    bool doubled = false;
    before.forEachSet([&](Bytes owner, const RecordSet& set) {
        if (set.type() == Type::SOA)
            return;
        for (const Bytes rdata : set) {
            const RecordRef old{owner, set.type(), set.ttl(), rdata};
            Changes::Change* const change = changes.find(old);
            if (change && change->removed)
                change->found = true;
            else if (change && change->present)
                doubled = true;
            else
                assembly.add(old);
        }
    });
    if (!changes.allFound())
        return Error("a difference removes a record that is not there");
    if (doubled)
        return Error("a difference adds a record that is there already");
    changes.forEachAdded([&](const RecordRef& added) { assembly.add(added); });
    return assembly.finish();
}

} // namespace

Result<AssembledZone>
assembleZone(Bytes origin, const std::shared_ptr<const Zone>& before, const TransferResult& result) {
    if (result.kind == TransferResult::Kind::differences) {
        if (!before || result.differences.empty())
            return Error("there is no version that the differences change");
        return applyDifferences(origin, *before, result);
    }
    Assembly assembly(origin);
    RecordRef record;
    for (RecordList::Cursor cursor(result.records); cursor.next(record);)
        assembly.add(record);
    return assembly.finish();
}

} // namespace twistdpp::dns
