#pragma once
#include "twistdpp/app/logger.h"
#include "twistdpp/defer/semaphore.h"
#include "twistdpp/dns_keeper/zone_keeper.h"
#include "twistdpp/dns_transfer/notifier.h"
#include "twistdpp/dns_transfer/secondaries.h"
#include "twistdpp/dns_transfer/transfer_server.h"
#include "twistdpp/dns_transfer/transfer_settings.h"
#include "twistdpp/reactor/reactor.h"

#include <memory>
#include <mutex>

namespace twistdpp::dns {

/// Everything about transfers that the reactors of a service share: the settings, how zones have changed, the
/// secondary zones, and who is told of changes. What is not said to be for any thread is called on the thread
/// of the first reactor, which leads.
class Transfers : public std::enable_shared_from_this<Transfers> {
public:
    Transfers(
        Logger log, std::shared_ptr<ZoneKeeper> keeper, std::shared_ptr<const TransferSettings> settings
    );
    ~Transfers();

    /// Begins to listen to the keeper's changes; before it loads its zones.
    void watch();
    /// Puts the copies of secondary zones that are on disk in place, begins to ask their primaries, and tells
    /// --notify of all zones. The error: the directory for copies is of no use.
    Result<void> start(Reactor& leader);
    void stop();
    /// After the keeper has taken over the sources of the new options.
    Result<void> configure(std::shared_ptr<const TransferSettings> settings);

    // Any thread.
    std::shared_ptr<const TransferSettings> settings() const;
    const std::shared_ptr<TransferOutState>& out() const noexcept { return out_; }
    /// A primary has told of a change of a secondary zone.
    void notified(Bytes zone, const Address& from);

private:
    void changed(std::shared_ptr<const Zone> before, std::shared_ptr<const Zone> now);
    Deferred<void> record(std::shared_ptr<const Zone> before, std::shared_ptr<const Zone> now);

    Logger log_;
    std::shared_ptr<ZoneKeeper> keeper_;
    std::shared_ptr<TransferOutState> out_ = std::make_shared<TransferOutState>();
    Semaphore order_{1}; // of changes
    std::unique_ptr<Secondaries> secondaries_;
    std::unique_ptr<Notifier> notifier_;

    mutable std::mutex mutex_; // for what follows
    std::shared_ptr<const TransferSettings> settings_;
    Reactor* leader_ = nullptr;
};

} // namespace twistdpp::dns
