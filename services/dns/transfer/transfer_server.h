#pragma once
#include "twistdpp/app/logger.h"
#include "twistdpp/dns_server/elsewhere.h"
#include "twistdpp/dns_transfer/record_source.h"
#include "twistdpp/dns_transfer/transfer_settings.h"
#include "twistdpp/dns_transfer/zone_history.h"
#include "twistdpp/net/token_bucket.h"
#include "twistdpp/reactor/reactor.h"

#include <atomic>
#include <memory>

namespace twistdpp::dns {

/// What transfers out may cost.
struct TransferOutLimits {
    unsigned atOnce = 50;                        // in the whole process
    Duration stalled = std::chrono::seconds(60); // a client that takes nothing for so long is cut
    Duration whole = std::chrono::minutes(60);   // for one transfer
    std::size_t firstMessage = 16 * 1024;        // bytes; the first one is soon there,
    std::size_t message = 64 * 1024 - 1;         // the others are few
};

/// What the servers of all reactors share. `running` may be read and changed on any thread.
struct TransferOutState {
    std::atomic<unsigned> running{0};
    ZoneHistory history;
};

/// Sends zones to secondaries: AXFR (RFC 5936) and IXFR (RFC 1995). One a reactor; its thread only. A
/// transfer sends one version of the zone from beginning to end, and goes on when this object is gone.
class TransferServer {
public:
    TransferServer(
        Reactor& reactor, Logger log, std::shared_ptr<TransferOutState> state, TransferOutLimits limits = {}
    )
        : reactor_(reactor), log_(std::move(log)), state_(std::move(state)), limits_(limits) {}

    /// Answers responder.query(), which is AXFR or IXFR, by one or more messages.
    void transfer(
        Responder& responder, std::shared_ptr<const TransferSettings> settings, const Address& from,
        std::shared_ptr<AnswerStream> stream
    );
    /// Answers IXFR by UDP: with the differences when they fit, else with the SOA alone, so that the client
    /// comes by TCP (RFC 1995 section 2). Returns the size of the answer.
    std::size_t transferDatagram(
        Responder& responder, const TransferSettings& settings, const Address& from, std::span<char> out
    );

private:
    struct Request;
    struct Running;

    /// What is to be sent, or which error.
    Request examine(const Responder& responder, const TransferSettings& settings, const Address& from);
    static Deferred<void> run(std::unique_ptr<Running> running);

    Reactor& reactor_;
    Logger log_;
    std::shared_ptr<TransferOutState> state_;
    TransferOutLimits limits_;
    TokenBucket remarks_{1, 20}; // of the log: who is refused often does not fill it
};

} // namespace twistdpp::dns
