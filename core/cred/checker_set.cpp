#include "twistdpp/cred/checker_set.h"

#include <algorithm>
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

Deferred<ScramKeys> askForKeys(std::vector<std::shared_ptr<Checker>> checkers, std::string user) {
    std::optional<ScramKeys> decoy;
    for (const auto& checker : checkers) {
        ScramOffer offer = co_await checker->scramKeys(user);
        if (offer.known)
            co_return std::move(offer.keys);
        if (!decoy)
            decoy = std::move(offer.keys);
    }
    co_return decoy ? std::move(*decoy) : ScramKeys::decoy(user);
}

constexpr CredentialKind kBySecret[] = {
    CredentialKind::password, CredentialKind::hashedPassword, CredentialKind::scram};

} // namespace

CredentialKinds CheckerSet::offered() const {
    const CredentialKinds bySecret = kBySecret[0] | kBySecret[1] | kBySecret[2];
    CredentialKinds any;
    for (const auto& checker : checkers_)
        any |= checker->offered();
    CredentialKinds out = any.without(bySecret);
    for (const CredentialKind kind : kBySecret) {
        const bool everywhere = std::all_of(checkers_.begin(), checkers_.end(), [&](const auto& checker) {
            return !checker->kinds().overlaps(bySecret) || checker->offered().has(kind);
        });
        if (any.has(kind) && everywhere)
            out |= kind;
    }
    return out;
}

Deferred<ScramKeys> CheckerSet::scramKeys(const std::string& user) const {
    std::vector<std::shared_ptr<Checker>> able;
    for (const auto& checker : checkers_) {
        if (checker->kinds().has(CredentialKind::scram))
            able.push_back(checker);
    }
    return askForKeys(std::move(able), user);
}

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
