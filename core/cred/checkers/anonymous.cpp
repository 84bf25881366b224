#include "twistdpp/cred/checker_maker.h"

namespace twistdpp {

namespace {

class AnonymousChecker final : public Checker {
public:
    CredentialKinds kinds() const noexcept override { return CredentialKind::anonymous; }
    Deferred<AvatarId> requestAvatarId(const Credentials&) override {
        AvatarId id = AvatarId::anonymous();
        id.add("checker", "anonymous");
        return id;
    }
};

Result<std::unique_ptr<Checker>> make(Reactor&, std::string_view) {
    return std::make_unique<AnonymousChecker>();
}

TWISTDPP_CHECKER(
    anonymous, "lets those in who show nothing at all",
    "Accepts anonymous logins. What an anonymous user may see and do is decided by\n"
    "the service.",
    "", CredentialKind::anonymous, make
);

} // namespace

} // namespace twistdpp
