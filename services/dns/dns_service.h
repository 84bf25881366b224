#pragma once
#include "twistdpp/app/service.h"
#include "twistdpp/app/service_maker.h"
#include "twistdpp/dns_transfer/transfer_desk.h"
#include "twistdpp/service_dns/dns_config.h"
#include "twistdpp/service_dns/dns_ports.h"
#include "twistdpp/service_dns/recursion.h"

#include <memory>
#include <optional>
#include <span>
#include <string>

namespace twistdpp::dns {

/// `twistdpp dns` on one reactor: a Responder behind UDP, TCP and TLS. The first reactor leads the ZoneKeeper
/// and the Transfers that all share.
class DnsService final : public Service, private Elsewhere {
public:
    /// Reads all zones and hosts files, so that --check finds their mistakes.
    static Result<std::unique_ptr<Service>> make(const DnsConfig& config, ServiceContext& context);
    ~DnsService() override;

    Deferred<void> privilegedStart() override;
    Deferred<void> start() override;
    Deferred<void> stop(Drain drain) override;
    /// Reads all files again, changed or not.
    Deferred<void> reload(const ServiceConfig& fresh, std::span<const std::string> changed) override;
    std::string busyWith() const override;

private:
    DnsService(const DnsConfig& config, ServiceContext& context, const ResponderSettings& settings);
    /// nullptr when nothing is forwarded.
    Result<std::unique_ptr<Recursion>> makeRecursion(const DnsConfig& config);
    void useRecursion(std::unique_ptr<Recursion> recursion);
    bool leads() const noexcept { return context_.shard == 0; }

    void forward(Responder& responder, const Address& from, Carrier carrier, Reply reply) override;
    void transfer(Responder& responder, const Address& from, std::shared_ptr<AnswerStream> stream) override;
    std::size_t transferDatagram(Responder& responder, const Address& from, std::span<char> out) override;
    std::size_t notify(Responder& responder, const Address& from, std::span<char> out) override;

    const DnsConfig& config_;
    ServiceContext& context_;
    std::shared_ptr<ZoneKeeper> keeper_;
    std::shared_ptr<Transfers> transfers_;
    QueryLog log_;
    Responder responder_;
    TransferDesk desk_;
    DnsPorts ports_;
    std::unique_ptr<Service> tls_;
    std::unique_ptr<Recursion> recursion_;
    std::optional<ZoneKeeper::Subscription> subscription_;
};

} // namespace twistdpp::dns
