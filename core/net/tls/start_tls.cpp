#include "twistdpp/tls/start_tls.h"

#include "twistdpp/reactor/errors.h"
#include "twistdpp/tls/tls_transport.h"

#include <stdexcept>
#include <utility>

namespace twistdpp {

namespace {

void put(Transport& transport, std::unique_ptr<Protocol> layer, bool tickets = true) {
    auto* const tls = dynamic_cast<TlsProtocol*>(layer.get());
    if (!tls)
        throw std::invalid_argument("startTls needs a TlsContext or ReloadableTlsContext");
    if (!tickets)
        tls->giveNoTickets();
    tls->adoptRunning(transport.switchProtocol(std::move(layer)));
    tls->makeConnection(transport);
}

} // namespace

void startTlsServer(Transport& transport, const std::shared_ptr<const ContextFactory>& context) {
    if (!transport.closing())
        put(transport, context->serverProtocol(nullptr));
}

void startTlsServerWithoutTickets(
    Transport& transport, const std::shared_ptr<const ContextFactory>& context
) {
    if (!transport.closing())
        put(transport, context->serverProtocol(nullptr), false);
}

void startTlsClient(
    Transport& transport, const std::shared_ptr<const ContextFactory>& context, std::string_view hostname
) {
    if (!transport.closing())
        put(transport, context->clientProtocol(nullptr, hostname));
}

void startTlsClientLike(Transport& transport, const Transport& first) {
    const auto* const tls = dynamic_cast<const TlsProtocol*>(&first);
    if (!tls)
        throw std::invalid_argument("startTlsClientLike needs a connection that is secured already");
    if (!transport.closing())
        put(transport, tls->another());
}

void giveTlsTicket(Transport& transport) {
    auto* const tls = dynamic_cast<TlsProtocol*>(&transport);
    if (!tls || !tls->tls())
        throw std::invalid_argument("giveTlsTicket needs a connection that is secured already");
    tls->giveTicket();
}

} // namespace twistdpp
