#pragma once
#include "twistdpp/dns_keeper/zone_keeper.h"
#include "twistdpp/dns_transfer/secondary_zone.h"

#include <map>
#include <memory>

namespace twistdpp::dns {

/// All secondary zones of a server. On the leader's thread.
class Secondaries {
public:
    Secondaries(std::shared_ptr<SecondaryWorld> world, std::shared_ptr<ZoneKeeper> keeper);
    ~Secondaries();

    /// Adds, removes and changes zones as the settings say. A zone that is new begins with its copy on disk.
    void configure(const std::shared_ptr<const TransferSettings>& settings);
    void notified(Bytes zone, const Address& from);
    std::size_t size() const noexcept { return zones_.size(); }
    const SecondaryZone* find(const Name& zone) const;

private:
    std::shared_ptr<SecondaryWorld> world_;
    std::map<Name, std::shared_ptr<SecondaryZone>> zones_;
};

} // namespace twistdpp::dns
