#pragma once
#include "twistdpp/app/drainable.h"
#include "twistdpp/app/service_maker.h"
#include "twistdpp/dns_server/datagram_server.h"
#include "twistdpp/dns_server/stream_server.h"
#include "twistdpp/net/policy.h"
#include "twistdpp/service_dns/dns_config.h"

#include <memory>
#include <vector>

namespace twistdpp::dns {

/// The UDP and TCP ports of one reactor: for each address both, on the same number.
class DnsPorts {
public:
    DnsPorts(ServiceContext& context, Responder& responder, Elsewhere& elsewhere);

    /// Binds all or none. With port 0 the first address gets a number that is free for both, and the others
    /// take it.
    Result<void> bind(const DnsConfig& config);
    /// Takes no more questions; fires when the connections have ended, after `limit` at the latest.
    Deferred<void> stop(Duration limit);
    /// Where it listens, with the real ports.
    std::vector<Address> addresses() const;
    std::size_t connections() const noexcept { return connections_.size(); }

private:
    Result<void> bindAddress(Address address, unsigned index, bool optional);
    Result<std::unique_ptr<Port>> listen(const Address& address);
    Result<std::unique_ptr<DatagramPort>> bindDatagrams(const Address& address);
    std::unique_ptr<Protocol> buildStream();

    ServiceContext& context_;
    Responder& responder_;
    Elsewhere& elsewhere_;
    Connections connections_;
    std::shared_ptr<ConnectionPolicy> policy_;
    std::shared_ptr<Factory> factory_;
    std::vector<std::unique_ptr<DatagramServer>> servers_;
    std::vector<std::unique_ptr<DatagramPort>> datagramPorts_;
    std::vector<std::unique_ptr<Port>> ports_;
    std::uint16_t chosen_ = 0;
};

} // namespace twistdpp::dns
