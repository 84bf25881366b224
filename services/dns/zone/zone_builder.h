#pragma once
#include "twistdpp/dns_zone/zone.h"

#include <memory>
#include <string>
#include <vector>

namespace twistdpp::dns {

/// What is wrong with a zone, for the person who wrote it.
struct ZoneProblem {
    bool fatal = true; // the zone cannot be served; otherwise it is told and served
    std::string file;  // empty when it concerns the zone as a whole or a transfer
    unsigned line = 0; // 0: no line
    std::string text;  // names the record and what is wrong, with the RFC's section

    /// "example.zone:12: www.example.com. has a CNAME beside other data (RFC 1034 section 3.6.2)".
    std::string message() const;
};

/// Makes a Zone out of records in any order; fastest when those of one owner and type come together. One
/// thread.
class ZoneBuilder {
public:
    /// A zone proper below `origin`.
    explicit ZoneBuilder(Bytes origin);
    /// A hosts table: no apex, no SOA, names of anywhere.
    static ZoneBuilder hosts();
    ~ZoneBuilder();
    ZoneBuilder(ZoneBuilder&&) noexcept;

    /// What became of a record.
    enum class Added {
        added,
        duplicate, // the same one is there already
        otherTtl,  // added; its set has another TTL, and the smaller one holds for all (RFC 2181 section 5.2)
        outOfZone, // not within the origin; left out
        setTooLarge,   // the set would not fit into a message of 65,535 bytes; left out
        cnameConflict, // a CNAME beside other data, or two of them; left out (RFC 1034 section 3.6.2, RFC
                       // 2181 10.1)
        secondSoa,     // left out
    };
    /// `owner` and `rdata` are valid wire data.
    Added add(Bytes owner, Type type, std::uint32_t ttl, Bytes rdata);
    /// What a problem with a record is called: for messages about add().
    static const char* explain(Added what) noexcept;

    /// The zone, or nullptr with a fatal problem in `problems` (no SOA, no NS). Other findings (NS or MX that
    /// point to a CNAME or to a missing name of the zone, delegation without its glue) are added as not
    /// fatal. Empties the builder.
    std::shared_ptr<const Zone> finish(std::vector<ZoneProblem>& problems);

private:
    struct Work;
    std::unique_ptr<Work> work_;
};

} // namespace twistdpp::dns
