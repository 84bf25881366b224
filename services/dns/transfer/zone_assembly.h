#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/dns_transfer/transfer_reader.h"
#include "twistdpp/dns_zone/zone_builder.h"

#include <memory>
#include <vector>

namespace twistdpp::dns {

/// A version of a zone that came by a transfer.
struct AssembledZone {
    std::shared_ptr<const Zone> zone;
    std::vector<ZoneProblem> problems; // that are not fatal
};

/// Makes a zone of what a transfer brought; `before` is the version that differences change. Any thread. The
/// error says what is wrong with the records; for differences also when they do not fit to `before`:
/// something is to go that is not there.
Result<AssembledZone>
assembleZone(Bytes origin, const std::shared_ptr<const Zone>& before, const TransferResult& result);

} // namespace twistdpp::dns
