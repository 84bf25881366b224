#include "twistdpp/sasl/mechanism.h"

#include "twistdpp/cred/scram.h"

// SCRAM-SHA-256 (RFC 5802, RFC 7677), without channel binding. The server's last message goes as a challenge,
// which the client answers with nothing: no protocol here has a place for it in its success.

namespace twistdpp {

namespace {

Deferred<AvatarId> serve(std::shared_ptr<SaslDialogue> with) {
    ScramServer scram;
    const std::string hello = co_await with->first();
    const Result<std::string> user = scram.begin(hello);
    if (!user)
        co_return Failure(SaslMalformed("SCRAM: " + user.error().message()));
    // Who does not exist is found out at the end, as a wrong password is.
    const ScramKeys keys = co_await with->scramKeys(*user);
    const std::string final = co_await with->ask(scram.challenge(keys));
    const Result<ScramProof> proof = scram.finish(final);
    if (!proof)
        co_return Failure(SaslMalformed("SCRAM: " + proof.error().message()));
    AvatarId id = co_await with->login(*proof);
    const std::string seen = co_await with->ask(scram.verdict());
    if (!seen.empty())
        co_return Failure(SaslMalformed("SCRAM: nothing is left to say"));
    co_return std::move(id);
}

class Client final : public SaslClient {
public:
    explicit Client(const SaslIdentity& identity)
        : scram_(identity.user, identity.password, identity.actAs) {}
    bool speaksFirst() const noexcept override { return true; }
    bool complete() const noexcept override { return step_ == 3; }
    Result<std::string> respond(Bytes challenge) override {
        switch (step_++) {
        case 0:
            return scram_.begin();
        case 1:
            return scram_.answer(challenge);
        case 2: {
            auto proved = scram_.verify(challenge);
            if (!proved)
                return std::move(proved).error();
            return std::string();
        }
        default:
            return Error("SCRAM: the server asks for more than there is");
        }
    }

private:
    ScramClient scram_;
    int step_ = 0;
};

std::unique_ptr<SaslClient> client(const SaslIdentity& identity) {
    return identity.user.empty() ? nullptr : std::make_unique<Client>(identity);
}

TWISTDPP_SASL_MECHANISM(scramSha256, "SCRAM-SHA-256", 40, CredentialKind::scram, false, false, serve, client);

} // namespace

} // namespace twistdpp
