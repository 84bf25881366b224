#pragma once
#include "twistdpp/app/logger.h"
#include "twistdpp/defer/semaphore.h"
#include "twistdpp/dns_transfer/transfer_settings.h"
#include "twistdpp/dns_zone/zone.h"
#include "twistdpp/reactor/reactor.h"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace twistdpp::dns {

/// Tells secondaries of new serials (NOTIFY, RFC 1996): by UDP, again after longer and longer waits until the
/// answer comes, and says in the log what came of it. On the leader's thread.
class Notifier {
public:
    Notifier(Reactor& reactor, Logger log);
    ~Notifier();

    /// A zone has a new serial: all targets of the settings are told. What is still to be told of an older
    /// one is given up.
    void
    tell(const std::shared_ptr<const Zone>& zone, const std::shared_ptr<const TransferSettings>& settings);
    void stop();

private:
    struct Shared {
        Shared(Reactor& loop, Logger logger) : reactor(loop), log(std::move(logger)) {}
        Reactor& reactor;
        Logger log;
        Semaphore atOnce{50}; // questions that wait for their answers
    };
    static Deferred<void> tellOne(
        std::shared_ptr<Shared> shared, std::shared_ptr<const Zone> zone, Peer to,
        std::shared_ptr<const TransferSettings> settings
    );

    std::shared_ptr<Shared> shared_;
    std::map<std::pair<Name, std::string>, Deferred<void>> running_; // by zone and target
};

} // namespace twistdpp::dns
