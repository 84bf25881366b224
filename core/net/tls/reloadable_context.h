#pragma once
#include "twistdpp/tls/tls_context.h"

#include <memory>
#include <mutex>

namespace twistdpp {

/// A server's context that can be exchanged while it is in use, for certificates that are renewed under a
/// running server. New connections use the new one; those that are there keep theirs. May be used by any
/// thread.
class ReloadableTlsContext final : public ContextFactory {
public:
    /// Reads the files for the first time; fails as TlsContext::forServer does.
    static Result<std::shared_ptr<ReloadableTlsContext>> make(ServerTlsOptions options);

    ReloadableTlsContext(ServerTlsOptions options, std::shared_ptr<const TlsContext> first)
        : options_(std::move(options)), current_(std::move(first)) {}

    /// Reads the files again; true when they had changed and the new context is in place. With an error the
    /// old one stays. It blocks for the time of reading: some milliseconds.
    Result<bool> reload();
    std::shared_ptr<const TlsContext> current() const;

    std::unique_ptr<Protocol> serverProtocol(std::unique_ptr<Protocol> inner) const override;
    std::unique_ptr<Protocol>
    clientProtocol(std::unique_ptr<Protocol> inner, std::string_view hostname) const override;

private:
    const ServerTlsOptions options_;
    std::mutex reloading_;
    mutable std::mutex mutex_; // guards current_
    std::shared_ptr<const TlsContext> current_;
};

} // namespace twistdpp
