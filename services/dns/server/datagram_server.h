#pragma once
#include "twistdpp/dns_server/elsewhere.h"
#include "twistdpp/dns_server/responder.h"
#include "twistdpp/reactor/datagram.h"

#include <memory>

namespace twistdpp::dns {

/// DNS over UDP on one port. Questions come by the batch and are answered in place: the answers of a batch
/// leave together. The responder and `elsewhere` outlive it.
class DatagramServer final : public DatagramProtocol {
public:
    DatagramServer(Responder& responder, Elsewhere& elsewhere)
        : responder_(responder), elsewhere_(elsewhere) {}
    ~DatagramServer() override;

    void startProtocol(DatagramPort& port) override;
    void datagramsReceived(std::span<const Datagram> batch) override;
    void stopProtocol() override;

private:
    void later(const Datagram& one);

    Responder& responder_;
    Elsewhere& elsewhere_;
    /// Shared with the answers that come later; empty when the port is closed.
    std::shared_ptr<DatagramPort*> alive_;
};

} // namespace twistdpp::dns
