#include "twistdpp/tls/reloadable_context.h"

#include <utility>

namespace twistdpp {

Result<std::shared_ptr<ReloadableTlsContext>> ReloadableTlsContext::make(ServerTlsOptions options) {
    auto first = TlsContext::forServer(options);
    if (!first)
        return std::move(first).error();
    return std::make_shared<ReloadableTlsContext>(std::move(options), *std::move(first));
}

Result<bool> ReloadableTlsContext::reload() {
    const std::lock_guard alone(reloading_);
    const auto old = current();
    auto next = TlsContext::forServer(options_, *old);
    if (!next)
        return std::move(next).error();
    if ((*next)->sameMaterial(*old))
        return false;
    const std::lock_guard lock(mutex_);
    current_ = *std::move(next);
    return true;
}

std::shared_ptr<const TlsContext> ReloadableTlsContext::current() const {
    const std::lock_guard lock(mutex_);
    return current_;
}

std::unique_ptr<Protocol> ReloadableTlsContext::serverProtocol(std::unique_ptr<Protocol> inner) const {
    return current()->serverProtocol(std::move(inner));
}

std::unique_ptr<Protocol>
ReloadableTlsContext::clientProtocol(std::unique_ptr<Protocol> inner, std::string_view hostname) const {
    return current()->clientProtocol(std::move(inner), hostname);
}

} // namespace twistdpp
