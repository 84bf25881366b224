#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/base/unique_function.h"
#include "twistdpp/cred/authenticator.h"
#include "twistdpp/defer/deferred.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace twistdpp {

class SaslDialogue;

/// What a message of the client did not look like. Not a wrong password: mail answers 501 and not 535.
class SaslMalformed : public LoginFailed {
public:
    using LoginFailed::LoginFailed;
};

/// What a mechanism has to know of the connection. A value.
struct SaslConnection {
    SaslConnection(Address where, std::string what) : peer(std::move(where)), service(std::move(what)) {}
    Address peer;
    std::string service;                // for the audit log: "words.sasl"
    std::string hostname = "localhost"; // of this server
    bool encrypted = false;
    bool passwordsInClear = false; // offer mechanisms that show the password although it is not encrypted
    bool oldMechanisms = false;    // offer what only old programs need: LOGIN, CRAM-MD5
    std::string certificate;       // the client's: its SHA-256 in hexadecimal; empty: it has shown none
};

/// The names of the mechanisms to offer, strongest first. Borrowed from the program's text.
std::vector<Bytes> saslMechanisms(const Authenticator& accounts, const SaslConnection& connection);

/// The server's side of one exchange. Belongs to one reactor's thread.
///
///     auto login = sasl.begin("PLAIN", initial).addBoth(...);   // who it is, or a LoginFailed
///     ... sasl.respond(decoded);                                // for each message of the client
class SaslServer {
public:
    /// Longest message of a client that is taken, decoded.
    static constexpr std::size_t kMaxMessage = 8192;
    /// Called with each challenge, maybe empty, which the protocol encodes and sends. It must not destroy the
    /// exchange.
    using Challenge = UniqueFunction<void(Bytes)>;

    SaslServer(const Authenticator& accounts, SaslConnection connection, Challenge challenge);
    /// Ends the exchange: a begin() that waits for the client fails with CancelledError.
    ~SaslServer();
    SaslServer(const SaslServer&) = delete;
    SaslServer& operator=(const SaslServer&) = delete;

    /// Starts it; once. `initial` is the initial response (RFC 4422 section 4), nothing when the client sent
    /// none. Fails with SaslMalformed, UnhandledCredentials when the mechanism is not one that is offered, or
    /// as Authenticator::login() does. Cancelling the Deferred ends the exchange.
    Deferred<AvatarId> begin(Bytes mechanism, std::optional<std::string> initial = std::nullopt);
    /// Whether a message of the client is due. Others are not to be passed on.
    bool expectsResponse() const noexcept;
    /// The client's next message. The exchange may be destroyed by what its Deferred's callbacks do.
    void respond(std::string response);

private:
    std::shared_ptr<SaslDialogue> dialogue_;
};

} // namespace twistdpp
