#pragma once
#include "twistdpp/base/registry.h"
#include "twistdpp/base/result.h"
#include "twistdpp/sasl/sasl_client.h"
#include "twistdpp/sasl/sasl_server.h"

#include "twistdpp/defer/promise.h"

#include <memory>
#include <optional>
#include <string>

namespace twistdpp {

/// What a mechanism of a server talks to: the client, by questions, and the accounts.
class SaslDialogue {
public:
    SaslDialogue(const Authenticator& accounts, SaslConnection about, SaslServer::Challenge send)
        : connection(std::move(about)), accounts_(accounts), send_(std::move(send)) {}

    /// What the client says first: its initial response, or what it answers to an empty challenge.
    Deferred<std::string> first();
    /// Whether it said something along with the mechanism's name.
    bool hasInitial() const noexcept { return initial_.has_value(); }
    /// The client's answer to `challenge`.
    Deferred<std::string> ask(Bytes challenge);
    /// Who it is, with the throttle and the audit log.
    Deferred<AvatarId> login(const Credentials& credentials);
    /// What SCRAM needs of a user, who may be nobody.
    Deferred<ScramKeys> scramKeys(const std::string& user) { return accounts_.scramKeys(user); }

    const SaslConnection connection;

private:
    friend class SaslServer;

    Authenticator accounts_;
    SaslServer::Challenge send_;
    std::optional<std::string> initial_;
    std::optional<Promise<std::string>> due_;
};

/// A way to log in. Registered by its own file, see TWISTDPP_SASL_MECHANISM.
struct SaslMechanism {
    Bytes name;
    unsigned strength;    // of two the client takes the one with more
    CredentialKind needs; // what a checker has to judge
    bool showsPassword;   // whoever reads the connection has it
    bool old;             // only for programs that know nothing better
    /// The server's side; ends with who it is, or fails as SaslServer::begin() does.
    Deferred<AvatarId> (*serve)(std::shared_ptr<SaslDialogue>);
    /// The client's side, or nullptr when the identity has not what it takes.
    std::unique_ptr<SaslClient> (*client)(const SaslIdentity&);
};

} // namespace twistdpp

/// Registers a mechanism, in the file that implements it; `id` is any identifier.
#define TWISTDPP_SASL_MECHANISM(id, ...)                                                                     \
    static const ::twistdpp::Registry<::twistdpp::SaslMechanism>::Entry twistdppSaslMechanism_##id(          \
        ::twistdpp::SaslMechanism{__VA_ARGS__}                                                               \
    )
