#pragma once
#include "twistdpp/dns_wire/message_writer.h"
#include "twistdpp/dns_zone/zone.h"

#include <array>

namespace twistdpp::dns {

/// Writes the records that prove to a validator what is not there, into the authority section: NSEC (RFC 4035
/// section 3.1.3) or NSEC3 (RFC 5155 section 7.2), as the zone has them; nothing when it has neither. Each is
/// written once, however many proofs it takes part in. All return false when something did not fit.
class Denial {
public:
    Denial(const Zone& zone, MessageWriter& out) noexcept : zone_(&zone), out_(out) {}
    /// The zone of what is proven from now on.
    void setZone(const Zone& zone) noexcept { zone_ = &zone; }

    /// `key` does not exist; its closest existing ancestor has `encloser` labels and no `*` below it.
    bool noName(const NameKey& key, unsigned encloser) noexcept;
    /// `name` exists without the type (also an empty non-terminal; also a delegation without DS).
    bool noData(const NameKey& key, Zone::Ref name) noexcept;
    /// The answer came from `*` below the ancestor of `encloser` labels: there is no closer name.
    bool wildcardAnswer(const NameKey& key, unsigned encloser) noexcept;
    /// The same, but that `*` lacks the type.
    bool wildcardNoData(const NameKey& key, unsigned encloser, Zone::Ref wildcard) noexcept;

private:
    using Hash = std::array<char, 20>;

    bool add(Zone::Ref name, Type type) noexcept;
    bool addNsecFor(Bytes name) noexcept;
    Hash hash(Bytes name) const noexcept;
    bool addNsec3Matching(Bytes name, bool& matched) noexcept;
    bool addNsec3Covering(Bytes name) noexcept;
    /// RFC 5155 section 7.2.1: the closest provable encloser, which `encloser` becomes, and the next closer
    /// name.
    bool closestEncloser(const NameKey& key, unsigned& encloser) noexcept;

    const Zone* zone_;
    MessageWriter& out_;
    /// A name of one of the zones that a chain of aliases leads through.
    struct Written {
        const Zone* zone;
        Zone::Ref name;
        friend bool operator==(const Written&, const Written&) noexcept = default;
    };
    std::array<Written, 24> written_; // one for each link of a chain, and those of its end
    unsigned count_ = 0;
};

/// Writes a set with its owner in full, and its signatures when asked for; all or nothing.
bool writeSet(
    MessageWriter& out, Section section, Bytes owner, const RecordSet& set, const RecordSet* signatures,
    std::uint32_t mostTtl = 0xffffffffU
) noexcept;

} // namespace twistdpp::dns
