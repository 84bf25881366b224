#include "twistdpp/sasl/mechanism.h"

// EXTERNAL (RFC 4422 appendix A): the certificate of the TLS connection says who it is. The message is whom
// to act for, or nothing.

namespace twistdpp {

namespace {

Deferred<AvatarId> serve(std::shared_ptr<SaslDialogue> with) {
    const std::string asWhom = co_await with->first();
    if (asWhom.find('\0') != std::string::npos)
        co_return Failure(SaslMalformed("an account's name has no NUL"));
    const ClientCertificate given(with->connection.certificate, asWhom);
    AvatarId id = co_await with->login(given);
    co_return std::move(id);
}

class Client final : public SaslClient {
public:
    explicit Client(std::string asWhom) : asWhom_(std::move(asWhom)) {}
    bool speaksFirst() const noexcept override { return true; }
    bool complete() const noexcept override { return said_; }
    Result<std::string> respond(Bytes) override {
        if (std::exchange(said_, true))
            return Error("EXTERNAL: the server asks for more than there is");
        return asWhom_;
    }

private:
    std::string asWhom_;
    bool said_ = false;
};

std::unique_ptr<SaslClient> client(const SaslIdentity& identity) {
    return identity.certificate ? std::make_unique<Client>(identity.actAs) : nullptr;
}

TWISTDPP_SASL_MECHANISM(external, "EXTERNAL", 50, CredentialKind::certificate, false, false, serve, client);

} // namespace

} // namespace twistdpp
