#include "twistdpp/sasl/mechanism.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/cred/challenge_response.h"

// CRAM-MD5 (RFC 2195): "name digest" in answer to a challenge. Needs passwords that are kept in clear.

namespace twistdpp {

namespace {

Deferred<AvatarId> serve(std::shared_ptr<SaslDialogue> with) {
    const std::string challenge = makeChallenge(with->connection.hostname);
    const std::string answer = co_await with->ask(challenge);
    const auto space = answer.rfind(' '); // names may have spaces, digests not
    if (space == std::string::npos || space == 0)
        co_return Failure(SaslMalformed("a CRAM-MD5 answer is: name digest"));
    const CramMd5 given(answer.substr(0, space), challenge, Bytes(answer).substr(space + 1));
    AvatarId id = co_await with->login(given);
    co_return std::move(id);
}

class Client final : public SaslClient {
public:
    explicit Client(const SaslIdentity& identity) : identity_(identity) {}
    bool speaksFirst() const noexcept override { return false; }
    bool complete() const noexcept override { return said_; }
    Result<std::string> respond(Bytes challenge) override {
        if (std::exchange(said_, true))
            return Error("CRAM-MD5: the server asks twice");
        return cramMd5Answer(identity_.user, identity_.password.bytes(), challenge);
    }

private:
    SaslIdentity identity_;
    bool said_ = false;
};

std::unique_ptr<SaslClient> client(const SaslIdentity& identity) {
    if (identity.user.empty() || !identity.actAs.empty())
        return nullptr;
    return std::make_unique<Client>(identity);
}

TWISTDPP_SASL_MECHANISM(cramMd5, "CRAM-MD5", 30, CredentialKind::hashedPassword, false, true, serve, client);

} // namespace

} // namespace twistdpp
