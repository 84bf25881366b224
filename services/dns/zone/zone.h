#pragma once
#include "twistdpp/dns_wire/name.h"
#include "twistdpp/dns_wire/record.h"
#include "twistdpp/dns_zone/arena.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace twistdpp::dns {

/// The records of one owner and type, as they stand in a zone's memory. RRSIG records are kept apart by the
/// type that they cover, so each such group is a set of its own.
class RecordSet {
public:
    Type type() const noexcept { return type_; }
    /// Of RRSIG: the type that the signatures cover; else Type::none.
    Type covered() const noexcept { return covered_; }
    std::uint32_t ttl() const noexcept { return ttl_; }
    unsigned count() const noexcept { return count_; }

    /// Goes over the rdata of each record.
    class Iterator {
    public:
        explicit Iterator(const char* at) noexcept : at_(at) {}
        Bytes operator*() const noexcept { return {at_ + 2, size()}; }
        Iterator& operator++() noexcept { return at_ += 2 + size(), *this; }
        friend bool operator==(const Iterator&, const Iterator&) noexcept = default;

    private:
        std::size_t size() const noexcept {
            std::uint16_t size;
            __builtin_memcpy(&size, at_, 2);
            return size;
        }
        const char* at_;
    };
    Iterator begin() const noexcept { return Iterator(reinterpret_cast<const char*>(this + 1)); }
    Iterator end() const noexcept { return Iterator(reinterpret_cast<const char*>(this + 1) + used_); }
    Bytes first() const noexcept { return *begin(); }

private:
    friend class Zone;
    friend class ZoneBuilder;
    Arena::Ref next_;
    std::uint32_t ttl_;
    Type type_, covered_;
    std::uint16_t count_;
    std::uint16_t unused_;
    std::uint32_t used_,
        capacity_; // bytes of records behind this; each is a length (host order) and the rdata
};
static_assert(sizeof(RecordSet) == 24 && alignof(RecordSet) == 4);

/// The fields of a SOA record (RFC 1035 section 3.3.13); times in seconds.
struct Soa {
    explicit Soa(Bytes rdata) noexcept;
    Bytes primary, mailbox; // wire names, borrowed from the rdata
    std::uint32_t serial, refresh, retry, expire, minimum;
};

/// One version of a zone, or of all hosts files together: names with their record sets, in memory that never
/// changes, so that any number of reactors may read it. A later version is another Zone; who still answers
/// from this one holds on to it. The empty non-terminals of RFC 8020 are names without sets.
class Zone {
public:
    using Ref = Arena::Ref; // a name; 0 is none

    struct NameFlag {
        static constexpr std::uint8_t cut = 1;      // has NS and is not the apex: a delegation
        static constexpr std::uint8_t occluded = 2; // below a cut or a DNAME: only glue, not authoritative
        static constexpr std::uint8_t dname = 4;    // has a DNAME
        static constexpr std::uint8_t wildcard = 8; // has a child `*`
        static constexpr std::uint8_t alias = 16;   // has a CNAME
        static constexpr std::uint8_t hashed =
            32; // has NSEC3 and its signatures only: no name of its own (RFC 5155 7.2.8)
    };

    Bytes origin() const noexcept { return origin_; }
    unsigned originLabels() const noexcept { return originLabels_; }
    /// The apex's SOA; there is none in a hosts table.
    const RecordSet* soa() const noexcept { return apex_ ? set(apex_, Type::SOA) : nullptr; }
    std::uint32_t serial() const noexcept;
    Ref apex() const noexcept { return apex_; }
    std::size_t names() const noexcept { return nameCount_; }
    std::size_t records() const noexcept { return recordCount_; }
    /// Bytes that this version keeps in memory.
    std::size_t memory() const noexcept;

    /// The name that is the key's rightmost `labels` labels, or 0.
    Ref find(const NameKey& key, unsigned labels) const noexcept {
        return find(key.suffix(labels), key.hash(labels));
    }
    Ref find(const NameKey& key) const noexcept { return find(key.wire(), key.hash()); }
    /// `*` below the key's rightmost `labels` labels.
    Ref findWildcard(const NameKey& key, unsigned labels) const noexcept;

    std::uint8_t flags(Ref name) const noexcept { return node(name).flags; }
    Ref parent(Ref name) const noexcept { return node(name).parent; }
    /// As the zone file spells it.
    Bytes name(Ref name) const noexcept {
        return {reinterpret_cast<const char*>(&node(name) + 1), node(name).nameSize};
    }
    const RecordSet* sets(Ref name) const noexcept { return setAt(node(name).sets); }
    const RecordSet* next(const RecordSet& set) const noexcept { return setAt(set.next_); }
    /// The set of a type, RRSIG excepted.
    const RecordSet* set(Ref name, Type type) const noexcept {
        for (const RecordSet* at = sets(name); at; at = next(*at)) {
            if (at->type_ == type)
                return at;
        }
        return nullptr;
    }
    const RecordSet* signatures(Ref name, Type covered) const noexcept {
        for (const RecordSet* at = sets(name); at; at = next(*at)) {
            if (at->type_ == Type::RRSIG && at->covered_ == covered)
                return at;
        }
        return nullptr;
    }

    bool isSigned() const noexcept { return !nsec_.empty() || !nsec3_.empty(); }
    /// The name with the NSEC record that matches or covers `name` (RFC 4034 section 4); 0 without NSEC.
    Ref nsecAtOrBefore(Bytes name) const noexcept;
    /// NSEC3's parameters: algorithm 1, iterations, salt; nothing when the zone has none.
    struct Nsec3Parameters {
        std::uint16_t iterations;
        Bytes salt;
    };
    std::optional<Nsec3Parameters> nsec3() const noexcept;
    /// The name with the NSEC3 record whose hash equals (`exact` becomes true) or covers the 20 bytes (RFC
    /// 5155).
    Ref nsec3AtOrBefore(Bytes hash, bool& exact) const noexcept;

    /// Calls f(Bytes owner, const RecordSet&) for every set in the order of loading; the SOA is among them.
    template <class F>
    void forEachSet(F&& f) const {
        for (Ref at = first_; at; at = node(at).following) {
            for (const RecordSet* each = sets(at); each; each = next(*each))
                f(name(at), *each);
        }
    }

    /// The same walk by hand, for who has to pause: the first name in the order of loading, and the one after
    /// another; 0 at the end.
    Ref firstName() const noexcept { return first_; }
    Ref nameAfter(Ref name) const noexcept { return node(name).following; }

private:
    friend class ZoneBuilder;
    struct Node {
        Ref parent, sets, following;
        std::uint8_t flags, nameSize;
        std::uint16_t unused;
        // the wire name follows
    };
    static_assert(sizeof(Node) == 16);
    struct Slot {
        std::uint32_t hash;
        Ref name;
    };

    Zone() = default;
    Ref find(Bytes lowerName, std::uint32_t hash) const noexcept;
    const Node& node(Ref ref) const noexcept { return *reinterpret_cast<const Node*>(arena_.at(ref)); }
    const RecordSet* setAt(Ref ref) const noexcept {
        return ref ? reinterpret_cast<const RecordSet*>(arena_.at(ref)) : nullptr;
    }

    Arena arena_;
    std::vector<Slot> slots_; // open addressing; the size is a power of two, at most 3/4 are used
    std::string origin_;      // in lower case
    unsigned originLabels_ = 0;
    Ref apex_ = 0, first_ = 0;
    std::size_t nameCount_ = 0, recordCount_ = 0;
    std::vector<Ref> nsec_;  // names with NSEC in canonical order
    std::vector<Ref> nsec3_; // names with NSEC3 in the order of their hashes
};

} // namespace twistdpp::dns
