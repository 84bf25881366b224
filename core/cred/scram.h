#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/cred/credentials.h"
#include "twistdpp/cred/scram_keys.h"

#include <string>

namespace twistdpp {

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

/// The client's side, likewise.
class ScramClient {
public:
    /// Most rounds that a server may ask for: half a second of work, on the reactor's thread.
    static constexpr unsigned kMaxRounds = 1'000'000;
    /// Fewest: what RFC 7677 asks for.
    static constexpr unsigned kMinRounds = 4096;

    /// `actAs` is the account to act for, if it is another one. `nonce` is the client's share; empty: a
    /// random one. The password is taken as it is: who has one beyond ASCII prepares it (RFC 4013).
    ScramClient(Bytes user, Secret password, Bytes actAs = {}, std::string nonce = {});
    /// client-first-message.
    std::string begin() const { return gs2_ + firstBare_; }
    /// client-final-message. The error says what is wrong with the server's.
    Result<std::string> answer(Bytes serverFirst);
    /// Whether server-final-message proves that the server knows the password too.
    Result<void> verify(Bytes serverFinal) const;

private:
    Secret password_;
    std::string nonce_;
    std::string gs2_;
    std::string firstBare_;
    std::string verdict_; // that the server has to send
};

} // namespace twistdpp
