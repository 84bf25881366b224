#pragma once
#include "twistdpp/reactor/errors.h"

#include <string>

namespace twistdpp {

/// What is wrong with the TLS of a connection, in the handshake or later (a damaged record, an alert). The
/// handshake's kinds are derived from it.
class TlsError : public ConnectionLost {
public:
    using ConnectionLost::ConnectionLost;
};

/// The handshake did not succeed: no common version or cipher, refused by the peer, out of time.
class TlsHandshakeError : public TlsError {
public:
    using TlsError::TlsError;
};

/// The peer's certificate is not accepted; what() says why (unknown authority, expired, other host).
class TlsCertificateError : public TlsHandshakeError {
public:
    TlsCertificateError(const std::string& why, bool wrongHost)
        : TlsHandshakeError(why), wrongHost_(wrongHost) {}
    /// Whether it is a good certificate of someone else.
    bool wrongHost() const noexcept { return wrongHost_; }

private:
    bool wrongHost_;
};

/// The peer speaks no TLS at all, for example HTTP to the port of HTTPS.
class TlsPlaintextError : public TlsHandshakeError {
public:
    TlsPlaintextError(const std::string& why, std::string received)
        : TlsHandshakeError(why), received_(std::move(received)) {}
    /// How the peer began: its first line or some part of it, at most 1 KiB. Not to be trusted.
    const std::string& received() const noexcept { return received_; }

private:
    std::string received_;
};

} // namespace twistdpp
