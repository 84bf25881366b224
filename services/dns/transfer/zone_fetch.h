#pragma once
#include "twistdpp/dns_transfer/stream_exchange.h"
#include "twistdpp/dns_transfer/transfer_reader.h"
#include "twistdpp/dns_transfer/transfer_settings.h"

#include <memory>
#include <stdexcept>

namespace twistdpp::dns {

/// A primary did not give what it was asked for.
class FetchError : public std::runtime_error {
public:
    explicit FetchError(const std::string& what, bool overLimit = false)
        : std::runtime_error(what), overLimit_(overLimit) {}
    /// It was too much; asking in another way would bring as much again.
    bool overLimit() const noexcept { return overLimit_; }

private:
    bool overLimit_;
};

/// What a primary is asked about, and how.
struct FetchTarget {
    FetchTarget(Name of, Peer from, std::shared_ptr<const TransferSettings> with)
        : zone(std::move(of)), primary(std::move(from)), settings(std::move(with)) {}

    Name zone;
    Peer primary;
    std::shared_ptr<const TransferSettings> settings; // has the key
    StreamLimits stream;
    TransferReader::Limits reader;
};

/// The serial that a primary has: asked by UDP, then by TCP when there is no answer or a cut one. Fails with
/// a FetchError or as exchangeStream() does.
Deferred<std::uint32_t> fetchSerial(Reactor& reactor, FetchTarget target);

/// The zone by AXFR, or by IXFR when `ours` is given: the version that we have. Fails in the same way.
Deferred<std::shared_ptr<TransferResult>>
fetchZone(Reactor& reactor, FetchTarget target, std::shared_ptr<const Zone> ours);

} // namespace twistdpp::dns
