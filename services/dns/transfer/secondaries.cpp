#include "twistdpp/dns_transfer/secondaries.h"

#include <ctime>

namespace twistdpp::dns {

Secondaries::Secondaries(std::shared_ptr<SecondaryWorld> world, std::shared_ptr<ZoneKeeper> keeper)
    : world_(std::move(world)) {
    world_->publish = [keeper = std::move(keeper)](Bytes origin, std::shared_ptr<const Zone> zone) {
        keeper->replace(origin, std::move(zone));
    };
}

Secondaries::~Secondaries() {
    for (const auto& [name, zone] : zones_)
        zone->stop();
}

void Secondaries::configure(const std::shared_ptr<const TransferSettings>& settings) {
    for (auto at = zones_.begin(); at != zones_.end();) {
        const SecondarySource* const source = settings->secondary(at->first);
        if (source) {
            at->second->configure(settings, *source);
            ++at;
        } else {
            at->second->stop();
            at = zones_.erase(at);
        }
    }
    const ZoneStore store(settings->directory);
    for (const SecondarySource& source : settings->secondaries) {
        auto& zone = zones_[source.zone];
        if (zone)
            continue;
        zone = std::make_shared<SecondaryZone>(world_, settings, source);
        if (auto copy = store.load(source.zone))
            zone->adopt(*std::move(copy), static_cast<std::uint64_t>(std::time(nullptr)));
        else if (copy.error().code() != std::errc::no_such_file_or_directory)
            world_->log.error(
                "zone {}: its copy on disk cannot be used: {}", source.zone.toString(), copy.error().message()
            );
        zone->start();
    }
}

void Secondaries::notified(Bytes zone, const Address& from) {
    const auto at = zones_.find(Name(zone));
    if (at != zones_.end())
        at->second->notified(from);
}

const SecondaryZone* Secondaries::find(const Name& zone) const {
    const auto at = zones_.find(zone);
    return at == zones_.end() ? nullptr : at->second.get();
}

} // namespace twistdpp::dns
