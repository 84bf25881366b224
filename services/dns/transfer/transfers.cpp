#include "twistdpp/dns_transfer/transfers.h"

#include "twistdpp/reactor/sleep.h"

namespace twistdpp::dns {

namespace {

/// Zones of up to so many records are compared at once; larger ones on another thread.
constexpr std::size_t kSmallZone = 5000;

} // namespace

Transfers::Transfers(
    Logger log, std::shared_ptr<ZoneKeeper> keeper, std::shared_ptr<const TransferSettings> settings
)
    : log_(std::move(log)), keeper_(std::move(keeper)), settings_(std::move(settings)) {}

Transfers::~Transfers() = default;

void Transfers::watch() {
    keeper_->onZoneChange([weak = weak_from_this()](const auto& before, const auto& now) {
        if (const auto self = weak.lock())
            self->changed(before, now);
    });
}

Result<void> Transfers::start(Reactor& leader) {
    const auto settings = this->settings();
    if (!settings->secondaries.empty()) {
        if (auto done = ZoneStore(settings->directory).prepare(); !done)
            return std::move(done).error().within("option --secondary-dir");
    }
    {
        const std::lock_guard lock(mutex_);
        leader_ = &leader;
    }
    notifier_ = std::make_unique<Notifier>(leader, log_);
    secondaries_ = std::make_unique<Secondaries>(std::make_shared<SecondaryWorld>(leader, log_), keeper_);
    // A secondary may have missed what changed while nothing ran here.
    for (const ServedZone& each : keeper_->catalog()->zones()) {
        if (each.zone)
            notifier_->tell(each.zone, settings);
    }
    secondaries_->configure(settings);
    return {};
}

void Transfers::stop() {
    {
        const std::lock_guard lock(mutex_);
        leader_ = nullptr;
    }
    secondaries_.reset();
    notifier_.reset();
}

Result<void> Transfers::configure(std::shared_ptr<const TransferSettings> settings) {
    if (!settings->secondaries.empty()) {
        if (auto done = ZoneStore(settings->directory).prepare(); !done)
            return std::move(done).error().within("option --secondary-dir");
    }
    {
        const std::lock_guard lock(mutex_);
        settings_ = settings;
    }
    out_->history.forgetAllBut(*keeper_->catalog());
    if (secondaries_)
        secondaries_->configure(settings);
    return {};
}

std::shared_ptr<const TransferSettings> Transfers::settings() const {
    const std::lock_guard lock(mutex_);
    return settings_;
}

void Transfers::notified(Bytes zone, const Address& from) {
    const std::lock_guard lock(mutex_);
    if (!leader_)
        return;
    leader_->callFromThread([weak = weak_from_this(), name = Name(zone), from] {
        const auto self = weak.lock();
        if (self && self->secondaries_)
            self->secondaries_->notified(name, from);
    });
}

void Transfers::changed(std::shared_ptr<const Zone> before, std::shared_ptr<const Zone> now) {
    if (!notifier_)
        return; // the first loading
    record(std::move(before), std::move(now)).detach();
}

/// Who is told of a change comes at once: the difference is there before.
Deferred<void> Transfers::record(std::shared_ptr<const Zone> before, std::shared_ptr<const Zone> now) {
    const auto self = shared_from_this();
    const Semaphore::Permit permit = co_await order_.acquire();
    if (before) {
        const std::size_t most = out_->history.limits().bytes;
        std::shared_ptr<const ZoneDifference> difference;
        if (before->records() + now->records() <= kSmallZone) {
            difference = differenceOf(*before, *now, most);
        } else {
            Reactor* const leader = leader_;
            if (!leader)
                co_return;
            auto comparing = deferToThread(*leader, Pool::cpu, [before, now, most] {
                return differenceOf(*before, *now, most);
            });
            difference = co_await std::move(comparing);
        }
        out_->history.add(*before, *now, std::move(difference));
    }
    if (notifier_ && (!before || before->serial() != now->serial()))
        notifier_->tell(now, settings());
}

} // namespace twistdpp::dns
