#pragma once
#include "twistdpp/dns_transfer/record_list.h"
#include "twistdpp/dns_transfer/zone_history.h"
#include "twistdpp/dns_zone/zone.h"

#include <memory>

namespace twistdpp::dns {

/// The records of a transfer's answer one after the other, from one version of a zone that is held on to.
class RecordSource {
public:
    virtual ~RecordSource() = default;
    /// The next record, valid until the one after it is asked for; false at the end.
    virtual bool next(RecordRef& record) = 0;
};

/// AXFR: the SOA, everything else, and the SOA again (RFC 5936 section 2.2).
std::unique_ptr<RecordSource> wholeZone(std::shared_ptr<const Zone> zone);
/// IXFR: the SOA, the differences, and the SOA again (RFC 1995 section 4). The last difference leads to
/// `zone`.
std::unique_ptr<RecordSource> zoneDifferences(std::shared_ptr<const Zone> zone, DifferenceChain chain);
/// The SOA alone: who asks is up to date, or should come by TCP.
std::unique_ptr<RecordSource> soaAlone(std::shared_ptr<const Zone> zone);

} // namespace twistdpp::dns
