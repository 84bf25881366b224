#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/base/result.h"
#include "twistdpp/cred/secret.h"

#include <memory>
#include <span>
#include <string>
#include <utility>

namespace twistdpp {

/// Whom a client logs in as, and what it has to prove it. A value.
struct SaslIdentity {
    SaslIdentity() = default;
    SaslIdentity(std::string name, Secret secret) : user(std::move(name)), password(std::move(secret)) {}
    std::string user;
    Secret password;
    std::string actAs;        // the account to act for, if it is another one
    bool certificate = false; // the TLS connection has shown one, which shall count
};

/// The client's side of one exchange. Belongs to whoever holds it.
class SaslClient {
public:
    virtual ~SaslClient() = default;
    SaslClient(const SaslClient&) = delete;
    SaslClient& operator=(const SaslClient&) = delete;

    /// Upper case, as servers list it.
    Bytes mechanism() const noexcept { return mechanism_; }
    /// Whether the client has the first word: then respond("") is its initial response.
    virtual bool speaksFirst() const noexcept = 0;
    /// The answer to a challenge. An error ends the exchange: the server is not who it claims to be, or talks
    /// nonsense.
    virtual Result<std::string> respond(Bytes challenge) = 0;
    /// Whether all was said. A server that agrees before has not proved that it knows the account, where the
    /// mechanism asks for that.
    virtual bool complete() const noexcept = 0;

    /// The strongest of the mechanisms that both ends have; nullptr when there is none. Those that show the
    /// password are taken only where it is safe: on an encrypted connection, or one within this machine.
    static std::unique_ptr<SaslClient>
    choose(std::span<const std::string> offered, const SaslIdentity& identity, bool safe);

protected:
    SaslClient() = default;

private:
    Bytes mechanism_;
};

} // namespace twistdpp
