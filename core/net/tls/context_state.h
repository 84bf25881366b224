#pragma once
#include "twistdpp/base/unique_fd.h"
#include "twistdpp/tls/identity.h"
#include "twistdpp/tls/openssl_handles.h"
#include "twistdpp/tls/session_cache.h"
#include "twistdpp/tls/sni_map.h"
#include "twistdpp/tls/ticket_keys.h"
#include "twistdpp/tls/tls_options.h"

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace twistdpp::detail {

/// What a TlsContext is made of. Built once, then read by all its connections; what changes (ticket keys,
/// sessions) locks for itself.
class ContextState {
public:
    ContextState(bool isServer, const TlsSettings& common) : server(isServer), settings(common) {}
    ContextState(const ContextState&) = delete;
    ContextState& operator=(const ContextState&) = delete;

    static Result<std::shared_ptr<ContextState>>
    forServer(const ServerTlsOptions& options, std::shared_ptr<TicketKeys> tickets);
    static Result<std::shared_ptr<ContextState>> forClient(const ClientTlsOptions& options);

    const bool server;
    const TlsSettings settings;
    SslContextHandle context;
    std::array<unsigned char, 32> fingerprint{}; // SHA-256 of all that was read

    // Server.
    std::vector<Identity> identities;
    SniMap names;
    bool fallback = false; // whether a client that asks for no known name is served
    std::shared_ptr<TicketKeys> tickets;

    // Client.
    bool checkHostname = false;
    std::unique_ptr<SessionCache> sessions;

    std::string alpn; // in wire form, RFC 7301 section 3.1
    UniqueFd keyLog;

    /// Chooses the certificate for what the client has asked for; false: there is none.
    bool selectIdentity(ssl_st* connection, const char* name) const;

private:
    /// Versions, ciphers, ALPN, key log: what both ends have.
    Result<void> setUp();
    Result<void> loadIdentities(const ServerTlsOptions& options, std::string& text);
    Result<void> askForClientCertificates(const ServerTlsOptions& options, std::string& text);
    Result<void> trust(const Pem& authorities, std::string_view what, std::string& text);
    void setFingerprint(const std::string& text);
};

/// Who made the context of this connection.
ContextState& stateOf(const ssl_st* connection);

} // namespace twistdpp::detail
