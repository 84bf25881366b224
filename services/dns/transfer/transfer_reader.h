#pragma once
#include "twistdpp/dns_transfer/zone_difference.h"
#include "twistdpp/dns_wire/name.h"
#include "twistdpp/dns_wire/types.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace twistdpp::dns {

/// What the answer to AXFR or IXFR came to.
struct TransferResult {
    enum class Kind {
        upToDate,    // the primary has no later version
        whole,       // `records`: the zone, its SOA in front
        differences, // from ours to the primary's
    };
    Kind kind = Kind::upToDate;
    std::uint32_t serial = 0; // the primary's
    RecordList records;
    std::vector<std::unique_ptr<ZoneDifference>> differences; // in order
};

/// Puts the messages of a transfer together (RFC 5936 section 2.2, RFC 1995 section 4) and checks what they
/// claim: the id, the question, the zone, the SOA at both ends, serials that follow each other, and how much
/// it is. Nothing that a primary sends makes it take more memory than the limits say.
class TransferReader {
public:
    struct Limits {
        std::size_t bytes = std::size_t{1} << 30; // of records, uncompressed
        std::size_t records = 50'000'000;
    };
    enum class State { more, done, failed };

    /// `type` is AXFR or IXFR. `serial` is that of the version that we have; without one everything is new.
    TransferReader(
        Bytes zone, Type type, std::uint16_t id, std::optional<std::uint32_t> serial, Limits limits
    );

    /// Takes the next message, its signature checked already.
    State take(Bytes message);
    /// The response code of a message that was an error; else noError.
    Rcode rcode() const noexcept { return rcode_; }
    /// What was wrong with the transfer, for people.
    const std::string& problem() const noexcept { return problem_; }
    /// Whether it failed because it was too much.
    bool overLimit() const noexcept { return overLimit_; }
    std::uint64_t records() const noexcept { return records_; }
    /// After done; once.
    TransferResult result() { return std::move(result_); }

private:
    /// What the next record may be.
    enum class Part {
        firstSoa,
        second,  // tells the form of the answer
        whole,   // any record, until the SOA comes again
        removed, // of a difference
        added,
        end, // nothing
    };

    State fail(std::string why);
    bool checkHead(Bytes message);
    bool takeRecord(const RecordRef& record);
    bool takeSoa(const RecordRef& record);
    bool takeSecond(const RecordRef& record);
    bool keep(RecordList& to, const RecordRef& record);

    const Name zone_;
    const Type type_;
    const std::uint16_t id_;
    const std::optional<std::uint32_t> serial_;
    const Limits limits_;
    Part part_ = Part::firstSoa;
    bool first_ = true; // no message came yet
    std::string soa_;   // rdata of the first one, which is the last one
    std::uint32_t soaTtl_ = 0;
    std::string rdata_;
    std::uint64_t records_ = 0;
    std::size_t bytes_ = 0;
    Rcode rcode_ = Rcode::noError;
    bool overLimit_ = false;
    std::string problem_;
    TransferResult result_;
};

} // namespace twistdpp::dns
