#pragma once
#include "twistdpp/base/time.h"
#include "twistdpp/tls/pem.h"

#include <string>
#include <utility>
#include <vector>

namespace twistdpp {

enum class TlsVersion { tls12, tls13 };

/// A certificate with its private key: what one end proves itself with.
struct TlsIdentity {
    TlsIdentity() = default;
    /// `key` empty: it stands in the same file or text as the certificate. `more` holds intermediate
    /// certificates that do not follow the certificate itself.
    explicit TlsIdentity(Pem chain, Pem key = {}, Pem more = {})
        : certificate(std::move(chain)), privateKey(std::move(key)), extraChain(std::move(more)) {}
    static TlsIdentity
    files(std::string certificate, std::string privateKey = {}, std::string extraChain = {}) {
        return TlsIdentity(
            Pem::file(std::move(certificate)), privateKey.empty() ? Pem() : Pem::file(std::move(privateKey)),
            extraChain.empty() ? Pem() : Pem::file(std::move(extraChain))
        );
    }
    bool empty() const noexcept { return certificate.empty(); }

    Pem certificate;
    Pem privateKey;
    Pem extraChain;
};

/// An identity for the clients that ask for one of `names` (RFC 6066 section 3): "example.org" or
/// "*.example.org", the star standing for one label. Without names: those in the certificate.
struct SniIdentity {
    SniIdentity(std::vector<std::string> n, TlsIdentity i) : names(std::move(n)), identity(std::move(i)) {}

    std::vector<std::string> names;
    TlsIdentity identity;
};

/// What both ends of TLS can be told.
struct TlsSettings {
    /// Protocols in order of preference, for example {"h2", "http/1.1"} (RFC 7301). A server refuses a client
    /// that offers none of them; one that offers nothing is welcome.
    std::vector<std::string> alpn;
    TlsVersion minVersion = TlsVersion::tls12;
    TlsVersion maxVersion = TlsVersion::tls13;
    /// OpenSSL's cipher list for TLS 1.2; empty: forward secrecy with AEAD only.
    std::string ciphers;
    /// OpenSSL's cipher suites for TLS 1.3; empty: its default.
    std::string cipherSuites;
    /// Appends the secrets of each connection in the format of SSLKEYLOGFILE, for a network analyser. Who can
    /// read that file can read the traffic.
    std::string keyLogFile;
    Duration handshakeTimeout = std::chrono::seconds(60);
    /// How long closing waits for a peer that neither takes what is queued nor answers close_notify.
    Duration closeTimeout = std::chrono::seconds(5);
};

struct ServerTlsOptions : TlsSettings {
    enum class ClientCertificate {
        none,
        any, // asked for, and taken from whomever: the client proves that it has the key, and nothing else.
             // For those who know certificates by their fingerprints
        optional,
        required
    };

    ServerTlsOptions() = default;
    explicit ServerTlsOptions(TlsIdentity identity) { identities.push_back(std::move(identity)); }

    /// For clients that ask for no name, or for one that `sni` and `sniDirectory` do not have. Several of
    /// different key types (ECDSA, RSA) may stand side by side; each client gets the one it can use. None:
    /// such clients are refused.
    std::vector<TlsIdentity> identities;
    std::vector<SniIdentity> sni;
    /// A folder of *.pem files, each a certificate chain with its key (or the key in NAME.key beside it),
    /// served under the names in the certificate. `default.pem` joins `identities`.
    std::string sniDirectory;
    /// Whose client certificates are accepted; needed with optional and required.
    Pem clientCa;
    ClientCertificate clientCertificates = ClientCertificate::none;
    /// Resumption without state in the server (RFC 5077, RFC 8446 section 4.6.1).
    bool sessionTickets = true;
    /// How long a ticket key encrypts; it decrypts for one more such time. Shared by all connections of the
    /// context, and by its successors after a reload.
    Duration ticketRotation = std::chrono::hours(12);
};

struct ClientTlsOptions : TlsSettings {
    /// Whose certificates are believed.
    enum class Trust {
        system,   // the authorities of the operating system
        given,    // those in `authorities`
        insecure, // everybody: the peer may be anyone
    };

    ClientTlsOptions() = default;
    /// Trusts the certificates in `trusted` and no others.
    explicit ClientTlsOptions(Pem trusted) : trust(Trust::given), authorities(std::move(trusted)) {}

    Trust trust = Trust::system;
    Pem authorities;
    /// Whether the certificate must be for the host that was connected to (RFC 6125; IP addresses too).
    bool checkHostname = true;
    /// The client's own certificate, if the server may ask for one.
    TlsIdentity identity;
    /// Remembers sessions by host, so that the next connection skips the certificates.
    bool sessionCache = true;
};

} // namespace twistdpp
