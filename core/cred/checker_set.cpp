#include "twistdpp/cred/checker_set.h"

#include <optional>

namespace twistdpp {

namespace {

Deferred<AvatarId> askInTurn(std::vector<std::shared_ptr<Checker>> checkers, const Credentials& credentials) {
    std::optional<Failure> cannotTell;
    for (const auto& checker : checkers) {
        Outcome<AvatarId> outcome = co_await checker->requestAvatarId(credentials).outcome();
        if (outcome.ok())
            co_return std::move(outcome).value();
        if (outcome.failure().check<CancelledError>())
            co_return std::move(outcome).failure();
        if (!cannotTell && !outcome.failure().check<UnauthorizedLogin>())
            cannotTell = std::move(outcome).failure();
    }
    if (cannotTell)
        co_return std::move(*cannotTell);
    co_return Failure(UnauthorizedLogin());
}

} // namespace

CredentialKinds CheckerSet::kinds() const noexcept {
    CredentialKinds all;
    for (const auto& checker : checkers_)
        all |= checker->kinds();
    return all;
}

Deferred<AvatarId> CheckerSet::requestAvatarId(const Credentials& credentials) const {
    std::vector<std::shared_ptr<Checker>> able;
    for (const auto& checker : checkers_) {
        if (checker->kinds().has(credentials.kind()))
            able.push_back(checker);
    }
    if (able.empty())
        return Failure(UnhandledCredentials(toString(credentials.kind())));
    return askInTurn(std::move(able), credentials);
}

} // namespace twistdpp
