#include "twistdpp/dns_transfer/transfer_desk.h"

namespace twistdpp::dns {

TransferDesk::TransferDesk(Reactor& reactor, Logger log, std::shared_ptr<Transfers> transfers)
    : reactor_(reactor), log_(std::move(log)), transfers_(std::move(transfers)),
      server_(reactor, log_, transfers_->out()), remarks_(1, 20) {}

void TransferDesk::transfer(Responder& responder, const Address& from, std::shared_ptr<AnswerStream> stream) {
    server_.transfer(responder, transfers_->settings(), from, std::move(stream));
}

std::size_t TransferDesk::transferDatagram(Responder& responder, const Address& from, std::span<char> out) {
    return server_.transferDatagram(responder, *transfers_->settings(), from, out);
}

Rcode TransferDesk::judge(const Responder& responder, const Address& from) {
    const Query& query = responder.query();
    if (query.type != Type::SOA)
        return Rcode::formErr;
    const auto settings = transfers_->settings();
    const SecondarySource* const source = settings->secondary(query.name);
    if (!source)
        return Rcode::notAuth;
    const TsigRequest* const signature = responder.signature();
    bool unsignedPrimary = false;
    for (const Peer& primary : source->primaries) {
        if (primary.address.withPort(0) != from.withPort(0))
            continue;
        if (!primary.key || (signature && signature->key()->name == *primary.key))
            return Rcode::noError;
        unsignedPrimary = true;
    }
    if (remarks_.available(reactor_.now()) > 0) {
        remarks_.take(1, reactor_.now());
        log_.warn(
            "NOTIFY of zone {} from {} refused: {}", nameText(query.name), from.toString(),
            unsignedPrimary ? "it is not signed with the key of that primary" : "it is no primary of it"
        );
    }
    return Rcode::refused;
}

std::size_t TransferDesk::notify(Responder& responder, const Address& from, std::span<char> out) {
    const Rcode verdict = judge(responder, from);
    if (verdict != Rcode::noError)
        return responder.fail(
            out, verdict,
            verdict == Rcode::notAuth   ? ExtendedError::notAuthoritative
            : verdict == Rcode::refused ? ExtendedError::prohibited
                                        : ExtendedError::none
        );
    transfers_->notified(responder.query().key.wire(), from);
    MessageWriter writer(out);
    responder.begin(writer);
    writer.addFlags(Flag::aa);
    return responder.finish(writer);
}

} // namespace twistdpp::dns
