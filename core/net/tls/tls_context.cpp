#include "twistdpp/tls/tls_context.h"

#include "twistdpp/tls/context_state.h"
#include "twistdpp/tls/tls_transport.h"

#include <chrono>

namespace twistdpp {

using detail::ContextState;

TlsContext::TlsContext(std::shared_ptr<ContextState> state) noexcept : state_(std::move(state)) {}
TlsContext::~TlsContext() = default;

namespace {

Result<std::shared_ptr<const TlsContext>> wrapped(Result<std::shared_ptr<ContextState>> made) {
    if (!made)
        return std::move(made).error();
    return std::make_shared<const TlsContext>(*std::move(made));
}

} // namespace

Result<std::shared_ptr<const TlsContext>> TlsContext::forServer(const ServerTlsOptions& options) {
    return wrapped(ContextState::forServer(options, nullptr));
}

Result<std::shared_ptr<const TlsContext>>
TlsContext::forServer(const ServerTlsOptions& options, const TlsContext& previous) {
    return wrapped(ContextState::forServer(options, previous.state_->tickets));
}

Result<std::shared_ptr<const TlsContext>> TlsContext::forClient(const ClientTlsOptions& options) {
    return wrapped(ContextState::forClient(options));
}

std::unique_ptr<Protocol> TlsContext::serverProtocol(std::unique_ptr<Protocol> inner) const {
    return std::make_unique<TlsProtocol>(state_, std::move(inner), true, std::string_view());
}

std::unique_ptr<Protocol>
TlsContext::clientProtocol(std::unique_ptr<Protocol> inner, std::string_view hostname) const {
    return std::make_unique<TlsProtocol>(state_, std::move(inner), false, hostname);
}

bool TlsContext::sameMaterial(const TlsContext& other) const noexcept {
    return state_->fingerprint == other.state_->fingerprint;
}

void TlsContext::rotateTicketKeys() const {
    if (state_->tickets)
        state_->tickets->rotate(std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now()));
}

} // namespace twistdpp
