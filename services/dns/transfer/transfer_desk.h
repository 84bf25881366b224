#pragma once
#include "twistdpp/dns_transfer/transfer_server.h"
#include "twistdpp/dns_transfer/transfers.h"
#include "twistdpp/net/token_bucket.h"

#include <memory>

namespace twistdpp::dns {

/// Where one reactor's requests for transfers and its NOTIFY messages are dealt with. Its thread only.
class TransferDesk {
public:
    TransferDesk(Reactor& reactor, Logger log, std::shared_ptr<Transfers> transfers);

    void transfer(Responder& responder, const Address& from, std::shared_ptr<AnswerStream> stream);
    std::size_t transferDatagram(Responder& responder, const Address& from, std::span<char> out);
    /// NOTIFY: of a secondary zone, from one of its primaries, signed with the key that is agreed on with it.
    std::size_t notify(Responder& responder, const Address& from, std::span<char> out);

private:
    Rcode judge(const Responder& responder, const Address& from);

    Reactor& reactor_;
    Logger log_;
    std::shared_ptr<Transfers> transfers_;
    TransferServer server_;
    TokenBucket remarks_; // of the log: who sends nonsense does not fill it
};

} // namespace twistdpp::dns
