#include "twistdpp/sasl/mechanism.h"

#include "twistdpp/base/ascii.h"

#include <algorithm>

// PLAIN (RFC 4616): "authzid NUL authcid NUL password" in one message.

namespace twistdpp {

namespace {

Deferred<AvatarId> serve(std::shared_ptr<SaslDialogue> with) {
    std::string message = co_await with->first();
    Bytes rest = message;
    const auto separators = std::count(message.begin(), message.end(), '\0');
    const Bytes asWhom = ascii::cut(rest, '\0');
    const Bytes name = ascii::cut(rest, '\0');
    if (separators != 2 || name.empty())
        co_return Failure(SaslMalformed("a PLAIN message is: NUL name NUL password"));
    if (!asWhom.empty() && asWhom != name)
        co_return Failure(UnauthorizedLogin()); // nobody acts for someone else here
    const UsernamePassword given(std::string(name), rest);
    wipe(message.data(), message.size());
    AvatarId id = co_await with->login(given);
    co_return std::move(id);
}

class Client final : public SaslClient {
public:
    explicit Client(const SaslIdentity& identity) : identity_(identity) {}
    bool speaksFirst() const noexcept override { return true; }
    bool complete() const noexcept override { return said_; }
    Result<std::string> respond(Bytes challenge) override {
        if (std::exchange(said_, true) || !challenge.empty())
            return Error("PLAIN: the server asks for more than there is");
        std::string out = identity_.actAs;
        out.append(1, '\0').append(identity_.user).append(1, '\0').append(identity_.password.bytes());
        return out;
    }

private:
    SaslIdentity identity_;
    bool said_ = false;
};

std::unique_ptr<SaslClient> client(const SaslIdentity& identity) {
    if (identity.user.empty() || identity.user.find('\0') != std::string::npos)
        return nullptr;
    return std::make_unique<Client>(identity);
}

TWISTDPP_SASL_MECHANISM(plain, "PLAIN", 20, CredentialKind::password, true, false, serve, client);

} // namespace

} // namespace twistdpp
