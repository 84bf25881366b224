#include "twistdpp/dns_transfer/notifier.h"

#include "twistdpp/dns_transfer/datagram_exchange.h"
#include "twistdpp/dns_transfer/signed_request.h"
#include "twistdpp/dns_wire/message_reader.h"

namespace twistdpp::dns {

namespace {

/// One minute altogether.
const std::vector<Duration>& waits() {
    using std::chrono::seconds;
    static const std::vector<Duration> made{seconds(2), seconds(4), seconds(8), seconds(16), seconds(30)};
    return made;
}

} // namespace

Notifier::Notifier(Reactor& reactor, Logger log)
    : shared_(std::make_shared<Shared>(reactor, std::move(log))) {}

Notifier::~Notifier() {
    stop();
}

void Notifier::stop() {
    auto running = std::exchange(running_, {});
    for (auto& [who, one] : running)
        one.cancel();
}

void Notifier::tell(
    const std::shared_ptr<const Zone>& zone, const std::shared_ptr<const TransferSettings>& settings
) {
    std::erase_if(running_, [](const auto& each) { return each.second.called(); });
    for (const Peer& peer : settings->notify) {
        const auto who = std::make_pair(Name(zone->origin()), peer.address.toString());
        if (const auto before = running_.find(who); before != running_.end()) {
            before->second.cancel();
            running_.erase(before);
        }
        running_.emplace(who, tellOne(shared_, zone, peer, settings));
    }
}

Deferred<void> Notifier::tellOne(
    std::shared_ptr<Shared> shared, std::shared_ptr<const Zone> zone, Peer to,
    std::shared_ptr<const TransferSettings> settings
) {
    auto permit = co_await shared->atOnce.acquire().outcome();
    if (!permit.ok())
        co_return; // stopped
    const TsigKey* const key = settings->key(to.key);
    const SignedRequest request =
        makeRequest(Opcode::notify, Flag::aa, zone->origin(), Type::SOA, key, zone.get(), Section::answer);
    const std::string about = "NOTIFY of zone " + nameText(zone->origin()) + " serial " +
                              std::to_string(zone->serial()) + " to " + to.address.toString();
    auto answer = co_await exchangeDatagram(shared->reactor, to.address, request.message, waits()).outcome();
    if (!answer.ok()) {
        if (!answer.failure().check<CancelledError>())
            shared->log.warn("{}: {}", about, answer.failure().message());
        co_return;
    }
    const Rcode rcode = MessageReader(answer.value()).rcode();
    const std::string problem = signatureProblem(answer.value(), request, key);
    if (!problem.empty())
        shared->log.warn("{}: {}", about, problem);
    else if (rcode != Rcode::noError)
        shared->log.warn("{}: it says {}", about, rcodeText(rcode));
    else
        shared->log.info("{}: received", about);
}

} // namespace twistdpp::dns
