#include "twistdpp/dns_transfer/secondary_zone.h"

#include "twistdpp/dns_wire/digest.h"
#include "twistdpp/dns_wire/octets.h"
#include "twistdpp/reactor/sleep.h"

#include <algorithm>
#include <array>
#include <ctime>

namespace twistdpp::dns {

namespace {

using std::chrono::seconds;

constexpr seconds kLongestRefresh = std::chrono::hours(24 * 28), kLongestRetry = std::chrono::hours(24 * 14),
                  kLongestExpire = std::chrono::hours(24 * 168);
/// Without any version of the zone there is no SOA that tells how long to wait.
constexpr seconds kFirstRetry{2}, kLastRetry{600};
/// After a round during which a NOTIFY came.
constexpr Duration kAgain = std::chrono::milliseconds(500);

std::uint64_t unixTime() noexcept {
    return static_cast<std::uint64_t>(std::time(nullptr));
}

/// Up to a quarter sooner, so that many zones do not ask at one time.
Duration jittered(Duration time) {
    std::array<char, 2> random;
    randomBytes(random);
    return time - time / (4 * 65'536) * get16(random.data());
}

} // namespace

SecondaryTimes::SecondaryTimes(const Soa& soa) noexcept
    : refresh(std::clamp<seconds>(seconds(soa.refresh), seconds(1), kLongestRefresh)),
      retry(std::clamp<seconds>(seconds(soa.retry), seconds(1), kLongestRetry)),
      expire(std::clamp<Duration>(seconds(soa.expire), refresh + retry, kLongestExpire)) {}

SecondaryZone::SecondaryZone(
    std::shared_ptr<SecondaryWorld> world, std::shared_ptr<const TransferSettings> settings,
    SecondarySource source
)
    : world_(std::move(world)), settings_(std::move(settings)), source_(std::move(source)) {}

void SecondaryZone::adopt(ZoneStore::Copy copy, std::uint64_t now) {
    known_ = std::move(copy.zone);
    const SecondaryTimes times(Soa(known_->soa()->first()));
    const Duration age = now > copy.checked ? Duration(seconds(now - copy.checked)) : Duration::zero();
    if (age >= times.expire) {
        world_->log.warn(
            "zone {} serial {}: the copy on disk has expired; it is not served until a primary is there",
            name(), known_->serial()
        );
        return;
    }
    world_->log.info("zone {} serial {} from its copy on disk", name(), known_->serial());
    served_ = known_;
    world_->publish(source_.zone, served_);
    expiry_ = world_->reactor.callLater(times.expire - age, [this] { expire(); });
}

void SecondaryZone::start() {
    if (!stopped_)
        beginRound();
}

void SecondaryZone::stop() {
    stopped_ = true;
    next_.cancel();
    expiry_.cancel();
    if (round_)
        round_->cancel();
}

void SecondaryZone::configure(std::shared_ptr<const TransferSettings> settings, SecondarySource source) {
    const bool changed = !(source == source_);
    settings_ = std::move(settings);
    if (!changed)
        return;
    source_ = std::move(source);
    preferred_ = 0;
    if (running_)
        again_ = true;
    else
        beginRound();
}

void SecondaryZone::notified(const Address& from) {
    if (stopped_)
        return;
    for (std::size_t i = 0; i < source_.primaries.size(); ++i) {
        if (source_.primaries[i].address.withPort(0) == from.withPort(0))
            preferred_ = i;
    }
    if (running_)
        again_ = true;
    else
        beginRound();
}

void SecondaryZone::schedule(Duration after) {
    next_ = world_->reactor.callLater(after, [this] { beginRound(); });
}

void SecondaryZone::beginRound() {
    if (running_ || stopped_)
        return;
    running_ = true;
    again_ = false;
    next_.cancel();
    round_.emplace(round().addBoth([self = shared_from_this()](Outcome<bool> outcome) {
        self->roundOver(outcome.ok() && outcome.value());
    }));
}

void SecondaryZone::roundOver(bool good) {
    running_ = false;
    if (stopped_)
        return;
    failures_ = good ? 0 : failures_ + 1;
    if (again_)
        return schedule(kAgain);
    if (!known_)
        return schedule(
            jittered(std::min<Duration>(kFirstRetry * (1 << std::min(failures_ - 1, 10U)), kLastRetry))
        );
    const SecondaryTimes times(Soa(known_->soa()->first()));
    schedule(jittered(good ? times.refresh : times.retry));
}

FetchTarget SecondaryZone::target(const Peer& primary) const {
    FetchTarget made(source_.zone, primary, settings_);
    made.stream = world_->stream;
    made.reader = world_->reader;
    return made;
}

Deferred<bool> SecondaryZone::round() {
    const auto self = shared_from_this();
    const Semaphore::Permit permit = co_await world_->rounds.acquire();
    // A reload may change the list meanwhile.
    const std::vector<Peer> primaries = source_.primaries;
    const std::size_t first = preferred_;
    for (std::size_t i = 0; i < primaries.size() && !stopped_; ++i) {
        const std::size_t index = (first + i) % primaries.size();
        auto outcome = co_await ask(primaries[index]).outcome();
        if (outcome.ok()) {
            preferred_ = index < source_.primaries.size() ? index : 0;
            co_return true;
        }
        if (stopped_)
            co_return false;
        world_->log.warn(
            "zone {} from {}: {}", name(), primaries[index].address.toString(), outcome.failure().message()
        );
    }
    co_return false;
}

/// Fails when the primary is of no use.
Deferred<void> SecondaryZone::ask(Peer primary) {
    const auto self = shared_from_this();
    if (known_) {
        const std::uint32_t serial = co_await fetchSerial(world_->reactor, target(primary));
        const std::uint32_t ours = known_->serial();
        if (serial == ours) {
            confirmed();
            co_await store(false);
            co_return;
        }
        if (!serialAfter(serial, ours))
            throw FetchError(
                "its serial " + std::to_string(serial) + " does not come after ours, " +
                std::to_string(ours) + " (RFC 1982)"
            );
        auto outcome = co_await fetch(target(primary), false).outcome();
        if (outcome.ok())
            co_return;
        const auto* const why = outcome.failure().as<FetchError>();
        if (!why || why->overLimit() || stopped_)
            outcome.failure().raise();
        world_->log.info(
            "zone {} from {}: no IXFR ({}), so AXFR", name(), primary.address.toString(), why->what()
        );
    }
    co_await fetch(target(primary), true);
}

Deferred<void> SecondaryZone::fetch(FetchTarget target, bool whole) {
    const auto self = shared_from_this();
    const auto ours = known_;
    const std::string from = target.primary.address.toString();
    const TimePoint begun = world_->reactor.now();
    std::shared_ptr<const Zone> base = whole ? nullptr : ours;
    auto result = co_await fetchZone(world_->reactor, std::move(target), std::move(base));
    if (result->kind == TransferResult::Kind::upToDate) {
        confirmed();
        co_await store(false);
        co_return;
    }
    // AXFR does not tell our serial to the reader.
    if (ours && !serialAfter(result->serial, ours->serial()))
        throw FetchError("what it sends is serial " + std::to_string(result->serial) + ", not after ours");
    auto making = deferToThread(world_->reactor, Pool::cpu, [origin = source_.zone, ours, result] {
        return assembleZone(origin, ours, *result);
    });
    auto made = co_await std::move(making);
    if (!made)
        throw FetchError(made.error().message());
    if (stopped_)
        co_return;
    for (const ZoneProblem& each : made->problems)
        world_->log.warn("zone {} from {}: {}", name(), from, each.message());
    const auto taken = std::chrono::duration_cast<std::chrono::milliseconds>(world_->reactor.now() - begun);
    world_->log.info(
        "zone {} serial {} from {} by {}: {} records, {} ms", name(), result->serial, from,
        result->kind == TransferResult::Kind::whole ? "AXFR" : "IXFR", made->zone->records(), taken.count()
    );
    known_ = made->zone;
    confirmed();
    co_await store(true);
}

/// A primary has said that what we know holds now.
void SecondaryZone::confirmed() {
    const SecondaryTimes times(Soa(known_->soa()->first()));
    expiry_ = world_->reactor.callLater(times.expire, [this] { expire(); });
    if (served_ != known_)
        serve(known_);
}

void SecondaryZone::serve(std::shared_ptr<const Zone> zone) {
    served_ = std::move(zone);
    world_->publish(source_.zone, served_);
}

void SecondaryZone::expire() {
    world_->log.error(
        "zone {} serial {} has expired: no primary has confirmed it for too long; it is served no more",
        name(), known_->serial()
    );
    serve(nullptr);
}

/// What cannot be kept is told; it is served all the same.
Deferred<void> SecondaryZone::store(bool isNew) {
    const auto self = shared_from_this();
    auto storing = deferToThread(
        world_->reactor, Pool::io,
        [store = ZoneStore(settings_->directory), zone = known_, isNew, now = unixTime()]() -> Result<void> {
            if (!isNew && store.touch(zone->origin(), now))
                return {};
            return store.save(*zone, now);
        }
    );
    const auto done = co_await std::move(storing);
    if (!done)
        world_->log.error(
            "zone {} serial {} has no copy on disk and will not survive a restart: {}", name(),
            known_->serial(), done.error().message()
        );
}

} // namespace twistdpp::dns
