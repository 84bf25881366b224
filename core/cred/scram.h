#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/cred/credentials.h"

#include <string>

namespace twistdpp {

/// What a server keeps for SCRAM-SHA-256 in place of a password (RFC 5802 section 3). A value.
struct ScramKeys {
    unsigned rounds = 0;
    std::string salt, storedKey, serverKey;

    /// For a user that there is not: always the same for one name while the process lives, so that nobody can
    /// tell it from a real one, and no password fits.
    static ScramKeys decoy(Bytes user);
};

/// The proof of a SCRAM exchange: can be judged by who has the user's keys.
class ScramProof final : public Credentials {
public:
    ScramProof(std::string user, std::string message, std::string proof)
        : user_(std::move(user)), message_(std::move(message)), proof_(std::move(proof)) {}

    const std::string& user() const noexcept { return user_; }
    /// Whether it was made with the password of these keys. Compares in constant time; takes microseconds.
    bool matches(const ScramKeys& keys) const;

    CredentialKind kind() const noexcept override { return CredentialKind::scram; }
    std::unique_ptr<Credentials> clone() const override { return std::make_unique<ScramProof>(*this); }
    Bytes claimedUser() const noexcept override { return user_; }

private:
    std::string user_;
    std::string message_; // AuthMessage of RFC 5802 section 3
    std::string proof_;   // 32 bytes
};

/// The server's side of one exchange of SCRAM-SHA-256 without channel binding (RFC 5802 section 5, RFC 7677).
/// Messages are those inside of SASL, decoded. The steps are called in their order, each once.
class ScramServer {
public:
    /// Longest message that is read, in bytes.
    static constexpr std::size_t kMaxMessage = 1024;

    /// client-first-message; gives the user's name. `nonce` is the server's share; empty: a random one.
    Result<std::string> begin(Bytes message, std::string nonce = {});
    /// server-first-message.
    std::string challenge(const ScramKeys& keys);
    /// client-final-message.
    Result<ScramProof> finish(Bytes message);
    /// server-final-message, once the proof was found to be good: the server's own proof.
    std::string verdict() const;

private:
    std::string user_, nonce_;
    std::string gs2_;       // "n,," as it came
    std::string firstBare_; // client-first-message-bare
    std::string serverFirst_;
    std::string message_; // AuthMessage
    std::string serverKey_;
};

} // namespace twistdpp
