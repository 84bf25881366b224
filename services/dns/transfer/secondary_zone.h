#pragma once
#include "twistdpp/app/logger.h"
#include "twistdpp/defer/semaphore.h"
#include "twistdpp/dns_transfer/zone_assembly.h"
#include "twistdpp/dns_transfer/zone_fetch.h"
#include "twistdpp/dns_transfer/zone_store.h"
#include "twistdpp/reactor/reactor.h"

#include <functional>
#include <memory>
#include <optional>

namespace twistdpp::dns {

/// What the secondary zones of a server share. All of it belongs to the leader's thread.
struct SecondaryWorld {
    SecondaryWorld(Reactor& leader, Logger logger) : reactor(leader), log(std::move(logger)) {}

    Reactor& reactor;
    Logger log;
    /// Puts a version in place; nullptr: the zone has expired.
    std::function<void(Bytes origin, std::shared_ptr<const Zone>)> publish;
    StreamLimits stream;
    TransferReader::Limits reader;
    Semaphore rounds{20}; // primaries that are asked at the same time
};

/// The times of a SOA within bounds, in seconds: what a primary says must neither make us ask it without a
/// pause nor forget it for ever.
struct SecondaryTimes {
    explicit SecondaryTimes(const Soa& soa) noexcept;
    Duration refresh, retry, expire;
};

/// One secondary zone (RFC 1034 section 4.3.5, RFC 1995, RFC 1996): asks its primaries for the serial
/// whenever the SOA's timers or a NOTIFY say so, fetches what is new, keeps a copy on disk, and takes the
/// zone out of service when nobody has confirmed it for longer than EXPIRE. The leader's thread only.
class SecondaryZone : public std::enable_shared_from_this<SecondaryZone> {
public:
    SecondaryZone(
        std::shared_ptr<SecondaryWorld> world, std::shared_ptr<const TransferSettings> settings,
        SecondarySource source
    );

    /// Takes over a copy from disk, if there is one that has not expired. Before start().
    void adopt(ZoneStore::Copy copy, std::uint64_t now);
    void start();
    /// Nothing happens after it.
    void stop();
    /// Other primaries or keys.
    void configure(std::shared_ptr<const TransferSettings> settings, SecondarySource source);
    /// A primary tells of a change: it is asked first.
    void notified(const Address& from);

    const SecondarySource& source() const noexcept { return source_; }
    /// What is served; nullptr when there is nothing or it has expired.
    const std::shared_ptr<const Zone>& serving() const noexcept { return served_; }
    /// What is known, perhaps expired.
    const std::shared_ptr<const Zone>& known() const noexcept { return known_; }

private:
    void schedule(Duration after);
    void beginRound();
    /// Asks the primaries in turn until one is good for something; true when one was.
    Deferred<bool> round();
    Deferred<void> ask(Peer primary);
    Deferred<void> fetch(FetchTarget target, bool whole);
    Deferred<void> store(bool isNew);
    void roundOver(bool good);
    void confirmed();
    void serve(std::shared_ptr<const Zone> zone);
    void expire();
    FetchTarget target(const Peer& primary) const;
    std::string name() const { return source_.zone.toString(); }

    std::shared_ptr<SecondaryWorld> world_;
    std::shared_ptr<const TransferSettings> settings_;
    SecondarySource source_;
    std::shared_ptr<const Zone> known_, served_;
    std::size_t preferred_ = 0; // of the primaries
    unsigned failures_ = 0;     // rounds without success, one after the other
    bool running_ = false, again_ = false, stopped_ = false;
    std::optional<Deferred<void>> round_;
    Timer next_, expiry_;
};

} // namespace twistdpp::dns
