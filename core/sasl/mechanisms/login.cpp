#include "twistdpp/sasl/mechanism.h"

// LOGIN: asks for a name and for a password. Never a standard (draft-murchison-sasl-login), but all that some
// mail programs know.

namespace twistdpp {

namespace {

Deferred<AvatarId> serve(std::shared_ptr<SaslDialogue> with) {
    // Some clients send the name along with the mechanism's.
    std::string name;
    if (with->hasInitial())
        name = co_await with->first();
    else
        name = co_await with->ask("Username:");
    if (name.empty())
        co_return Failure(SaslMalformed("LOGIN needs a name"));
    std::string password = co_await with->ask("Password:");
    const UsernamePassword given(std::move(name), Bytes(password));
    wipe(password.data(), password.size());
    AvatarId id = co_await with->login(given);
    co_return std::move(id);
}

class Client final : public SaslClient {
public:
    explicit Client(const SaslIdentity& identity) : identity_(identity) {}
    bool speaksFirst() const noexcept override { return false; }
    bool complete() const noexcept override { return step_ == 2; }
    Result<std::string> respond(Bytes) override {
        // What is asked is for people, in any words; the order is fixed.
        switch (step_++) {
        case 0:
            return identity_.user;
        case 1:
            return std::string(identity_.password.bytes());
        default:
            return Error("LOGIN: the server asks for more than a name and a password");
        }
    }

private:
    SaslIdentity identity_;
    int step_ = 0;
};

std::unique_ptr<SaslClient> client(const SaslIdentity& identity) {
    // It cannot say for whom to act.
    if (identity.user.empty() || !identity.actAs.empty())
        return nullptr;
    return std::make_unique<Client>(identity);
}

TWISTDPP_SASL_MECHANISM(login, "LOGIN", 10, CredentialKind::password, true, true, serve, client);

} // namespace

} // namespace twistdpp
