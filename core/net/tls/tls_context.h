#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/reactor/context_factory.h"
#include "twistdpp/tls/tls_options.h"

#include <memory>
#include <string_view>

namespace twistdpp {

namespace detail {
class ContextState;
}

/// Everything that the connections of one server or client have in common: certificates, trust, versions,
/// resumption. Made once at start (it reads files), immutable, shared by any number of reactors and threads.
class TlsContext final : public ContextFactory {
public:
    /// The error is one line which names the file and what is wrong: missing, not PEM, encrypted key, a key
    /// that does not match its certificate, an unknown cipher.
    static Result<std::shared_ptr<const TlsContext>> forServer(const ServerTlsOptions& options);
    static Result<std::shared_ptr<const TlsContext>> forClient(const ClientTlsOptions& options);
    /// The successor of `previous` after its files have changed: tickets that `previous` gave out stay good.
    static Result<std::shared_ptr<const TlsContext>>
    forServer(const ServerTlsOptions& options, const TlsContext& previous);

    explicit TlsContext(std::shared_ptr<detail::ContextState> state) noexcept;
    ~TlsContext() override;

    /// Each gives a TlsProtocol (tls_transport.h). A context that was made for the other end, or (when names
    /// are checked) an empty host name, gives one that fails as soon as it is connected and says so.
    std::unique_ptr<Protocol> serverProtocol(std::unique_ptr<Protocol> inner) const override;
    std::unique_ptr<Protocol>
    clientProtocol(std::unique_ptr<Protocol> inner, std::string_view hostname) const override;

    /// Whether both were made from the same certificates, keys and authorities.
    bool sameMaterial(const TlsContext& other) const noexcept;
    /// Makes the next ticket key at once; tickets of the present one stay good for one more rotation.
    void rotateTicketKeys() const;

private:
    std::shared_ptr<detail::ContextState> state_;
};

} // namespace twistdpp
