#include "twistdpp/dns_keeper/zone_keeper.h"

#include "twistdpp/app/service_error.h"

#include <algorithm>
#include <map>

namespace twistdpp::dns {

namespace {

/// Editors write in several steps; what is told within this time is read once.
constexpr auto kSettle = std::chrono::milliseconds(100);

const ZoneProblem* firstFatal(const std::vector<ZoneProblem>& problems) {
    const auto at =
        std::find_if(problems.begin(), problems.end(), [](const ZoneProblem& each) { return each.fatal; });
    return at == problems.end() ? nullptr : &*at;
}

/// Whether `now` comes after `before` (RFC 1982 section 3.2).
bool serialAfter(std::uint32_t now, std::uint32_t before) noexcept {
    return now != before && now - before < 0x80000000U;
}

} // namespace

struct ZoneKeeper::Subscription::Target {
    Target(Reactor& to, std::function<void(std::shared_ptr<const Catalog>)> f)
        : reactor(to), call(std::move(f)) {}
    Reactor& reactor;
    std::function<void(std::shared_ptr<const Catalog>)>
        call; // emptied on the reactor's thread when it is over
};

ZoneKeeper::Subscription::Subscription(
    std::shared_ptr<ZoneKeeper> keeper, Reactor& reactor,
    std::function<void(std::shared_ptr<const Catalog>)> f
)
    : keeper_(std::move(keeper)), target_(std::make_shared<Target>(reactor, std::move(f))) {
    {
        const std::lock_guard lock(keeper_->mutex_);
        keeper_->targets_.push_back(target_);
    }
    target_->call(keeper_->catalog());
}

ZoneKeeper::Subscription::~Subscription() {
    const std::lock_guard lock(keeper_->mutex_);
    keeper_->targets_.remove(target_);
    target_->call = nullptr;
}

/// What the files held at one moment, made on any thread.
struct ZoneKeeper::Reading {
    std::vector<Served> zones;
    LoadedZone hosts;
    ZoneSources sources;
};

ZoneKeeper::Reading ZoneKeeper::read(const ZoneSources& sources) {
    Reading made;
    made.sources = sources;
    for (const ZoneSource& each : sources.zones)
        made.zones.emplace_back(each).loaded = each.load();
    if (!sources.hosts.empty())
        made.hosts = loadHostsFiles(sources.hosts, sources.hostsTtl);
    return made;
}

void ZoneKeeper::tell(const std::vector<ZoneProblem>& problems) {
    for (const ZoneProblem& each : problems)
        log_.line(each.fatal ? LogLevel::error : LogLevel::warn, each.message());
}

/// Takes over what was read. A zone that was there before and cannot be read now keeps its last version.
Result<void> ZoneKeeper::accept(Reading& reading, bool first) {
    std::map<Name, std::string> files;
    for (const std::string& each : reading.sources.transferred)
        files.emplace(Name(Bytes(each)), "a secondary zone");
    for (Served& fresh : reading.zones) {
        if (!fresh.loaded.zone) {
            const auto old = std::find_if(served_.begin(), served_.end(), [&](const Served& each) {
                return each.source == fresh.source;
            });
            if (first || old == served_.end()) {
                const ZoneProblem* why = firstFatal(fresh.loaded.problems);
                return Error(why ? why->message() : fresh.source.path + ": holds no zone");
            }
            fresh.loaded.zone = old->loaded.zone;
            // What it was made of is watched on: the mistake will be mended there.
            fresh.loaded.files.insert(
                fresh.loaded.files.end(), old->loaded.files.begin(), old->loaded.files.end()
            );
        }
        const auto [other, isNew] = files.emplace(Name(fresh.loaded.zone->origin()), fresh.source.path);
        if (!isNew)
            return Error(
                "zone " + nameText(fresh.loaded.zone->origin()) + " is given twice: " + other->second +
                " and " + fresh.source.path
            );
    }
    if (first && !reading.sources.hosts.empty() && !reading.hosts.zone) {
        const ZoneProblem* why = firstFatal(reading.hosts.problems);
        return Error(why ? why->message() : reading.sources.hosts.front() + ": cannot be read");
    }

    for (const Served& fresh : reading.zones)
        tell(fresh.loaded.problems);
    tell(reading.hosts.problems);
    if (!reading.sources.hosts.empty() && !reading.hosts.zone) {
        log_.warn("the hosts files stay as they were");
        reading.hosts.zone = hosts_.zone;
    }
    std::vector<Served> before = std::exchange(served_, std::move(reading.zones));
    hosts_ = std::move(reading.hosts);
    sources_ = std::move(reading.sources);
    std::vector<ServedZone> transferred;
    for (const std::string& origin : sources_.transferred) {
        const auto old = std::find_if(transferred_.begin(), transferred_.end(), [&](const ServedZone& each) {
            return each.origin == origin;
        });
        transferred.push_back(old != transferred_.end() ? *old : ServedZone{origin, nullptr});
    }
    transferred_ = std::move(transferred);
    publish();

    for (const Served& now : served_) {
        const auto old = std::find_if(before.begin(), before.end(), [&](const Served& each) {
            return each.loaded.zone->origin() == now.loaded.zone->origin();
        });
        const auto& was = old == before.end() ? nullptr : old->loaded.zone;
        if (was == now.loaded.zone) {
            if (!first)
                log_.warn("zone {} stays as it was", nameText(was->origin()));
            continue;
        }
        const std::uint32_t serial = now.loaded.zone->serial();
        log_.info(
            "zone {} serial {}, {} names, {} records, from {}", nameText(now.loaded.zone->origin()), serial,
            now.loaded.zone->names(), now.loaded.zone->records(), now.source.path
        );
        if (was && was->serial() != serial && !serialAfter(serial, was->serial()))
            log_.warn(
                "zone {}: serial {} does not come after {}; secondaries will keep the old version (RFC 1982)",
                nameText(was->origin()), serial, was->serial()
            );
        for (const ZoneChange& each : changes_)
            each(was, now.loaded.zone);
    }
    return {};
}

Result<void> ZoneKeeper::load(ZoneSources sources) {
    Reading reading = read(sources);
    return accept(reading, true);
}

void ZoneKeeper::start(Reactor& leader) {
    leader_ = &leader;
    watchFiles();
}

void ZoneKeeper::stop() {
    watches_.clear();
    changed_.cancel();
    leader_ = nullptr;
}

void ZoneKeeper::watchFiles() {
    std::vector<std::string> files = hosts_.files;
    files.insert(files.end(), sources_.hosts.begin(), sources_.hosts.end());
    for (const Served& each : served_) {
        files.push_back(each.source.path);
        files.insert(files.end(), each.loaded.files.begin(), each.loaded.files.end());
    }
    std::sort(files.begin(), files.end());
    files.erase(std::unique(files.begin(), files.end()), files.end());
    watches_.clear();
    for (const std::string& each : files) {
        auto watch = leader_->watchFile(each, [this] { fileChanged(); });
        if (watch)
            watches_.push_back(*std::move(watch));
        else
            log_.warn("{}: changes will be seen at SIGHUP only: {}", each, watch.error().message());
    }
}

void ZoneKeeper::fileChanged() {
    changed_ = leader_->callLater(kSettle, [this] {
        readAgain(std::nullopt)
            .addErrback([log = log_](Failure why) { log.error("{}", why.message()); })
            .detach();
    });
}

Deferred<void> ZoneKeeper::readAgain(std::optional<ZoneSources> sources) {
    const auto self = shared_from_this();
    const Semaphore::Permit permit = co_await reading_.acquire();
    if (!leader_)
        co_return; // stopped meanwhile
    auto reading = std::make_shared<Reading>();
    reading->sources = sources ? *std::move(sources) : sources_;
    // Not within the co_await: g++ 12 destroys what a lambda there has captured once too often.
    Deferred<void> done =
        leader_->runInThread(Pool::io, [reading] { *reading = ZoneKeeper::read(reading->sources); });
    auto read = co_await std::move(done).outcome();
    if (!leader_)
        co_return;
    if (!read.ok())
        co_return co_await fail(read.failure());
    const auto accepted = accept(*reading, false);
    watchFiles();
    if (!accepted) {
        Failure because = ServiceError(accepted.error());
        co_return co_await fail(std::move(because));
    }
}

Deferred<void> ZoneKeeper::reload(ZoneSources sources) {
    return readAgain(std::move(sources));
}

void ZoneKeeper::replace(Bytes origin, std::shared_ptr<const Zone> zone) {
    for (ServedZone& each : transferred_) {
        if (!equalNames(each.origin, origin))
            continue;
        const auto before = std::exchange(each.zone, std::move(zone));
        publish();
        if (each.zone) {
            const auto now = each.zone;
            for (const ZoneChange& change : changes_)
                change(before, now);
        }
        return;
    }
}

std::shared_ptr<const Catalog> ZoneKeeper::catalog() const {
    const std::lock_guard lock(mutex_);
    return catalog_;
}

void ZoneKeeper::publish() {
    std::vector<ServedZone> zones = transferred_;
    for (const Served& each : served_)
        zones.push_back({std::string(each.loaded.zone->origin()), each.loaded.zone, each.source.path});
    auto made = std::make_shared<const Catalog>(std::move(zones), hosts_.zone);
    const std::lock_guard lock(mutex_);
    catalog_ = made;
    for (const auto& target : targets_) {
        target->reactor.callFromThread([target, made] {
            if (target->call)
                target->call(made);
        });
    }
}

} // namespace twistdpp::dns
