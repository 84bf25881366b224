#pragma once
#include "twistdpp/app/option_set.h"
#include "twistdpp/app/service_maker.h"
#include "twistdpp/dns_keeper/zone_keeper.h"
#include "twistdpp/dns_server/responder.h"
#include "twistdpp/dns_transfer/transfers.h"

#include <memory>
#include <string>
#include <vector>

namespace twistdpp::dns {

/// The options of `twistdpp dns`: Twisted's, and ours.
class DnsConfig final : public ServiceConfig {
public:
    void declare(OptionSet& options) override;
    Result<void> validate() override;
    /// --explain: the answer and where it came from.
    Result<std::string> answer() const override;

    std::uint16_t port = 53;
    std::vector<std::string> interfaces;
    std::vector<std::string> tls;
    std::vector<std::string> hostsFiles;
    std::vector<std::string> bindZones;
    std::vector<std::string> pythonZones;
    bool cache = false;
    bool recursive = false;
    std::string resolvConf;
    std::vector<std::string> upstreams;
    std::vector<std::string> allowRecursion;
    unsigned cacheMebibytes = 64;
    Duration serveStale{};
    std::vector<std::string> secondaries;
    std::string secondaryDirectory = "dns-secondary";
    std::vector<std::string> allowTransfer;
    std::vector<std::string> notify;
    std::string tsigKeys;
    std::string nsid;
    std::string cookieSecret;
    unsigned rateLimit = 200;
    std::uint16_t udpSize = 1232;
    unsigned verbosity = 0;
    std::string explain;

    /// The files to serve from, with absolute paths.
    ZoneSources sources() const;
    /// Without the keys of transferSettings().
    Result<ResponderSettings> responderSettings() const;
    Result<std::shared_ptr<const TransferSettings>> transferSettings() const;
    /// Where --interface says to listen; `isDefault` when it says nothing: then an interface that the machine
    /// lacks (IPv6) is left out.
    Result<std::vector<Address>> addresses(bool& isDefault) const;

    /// Whether questions are forwarded: any of the options that say how implies it.
    bool forwards() const noexcept { return recursive || !resolvConf.empty() || !upstreams.empty(); }

    /// What all reactors of the service share: made by the first one, found here by the others.
    mutable std::shared_ptr<ZoneKeeper> keeper;
    mutable std::shared_ptr<Transfers> transfers;
};

/// "192.0.2.1", "192.0.2.1:5353" or "[2001:db8::1]:5353"; without a port 53.
Result<Address> parseServer(Bytes text);

} // namespace twistdpp::dns
