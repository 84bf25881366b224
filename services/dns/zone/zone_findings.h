#pragma once
#include "twistdpp/dns_zone/zone.h"
#include "twistdpp/dns_zone/zone_builder.h"

#include <vector>

namespace twistdpp::dns {

/// Looks at a zone as a whole: a SOA and an NS at the apex, name servers and mail exchangers of the zone with
/// an address and no alias, delegations with their glue. False when it cannot be served.
bool appendZoneFindings(const Zone& zone, std::vector<ZoneProblem>& problems);

} // namespace twistdpp::dns
