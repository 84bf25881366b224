#pragma once
#include "twistdpp/cred/checker.h"

#include <memory>
#include <vector>

namespace twistdpp {

/// Several checkers asked as one: those that judge the kind of the credentials, in the order in which they
/// were added, until one says yes. Belongs to one thread. It may die, or get another checker, while an
/// answer is pending.
class CheckerSet {
public:
    CheckerSet() = default;
    CheckerSet(CheckerSet&&) noexcept = default;
    CheckerSet& operator=(CheckerSet&&) noexcept = default;

    void add(std::unique_ptr<Checker> checker) { checkers_.emplace_back(std::move(checker)); }
    bool empty() const noexcept { return checkers_.empty(); }
    /// What at least one of them judges.
    CredentialKinds kinds() const noexcept;

    /// The first yes. Otherwise a failure: UnhandledCredentials when none judges this kind; that of the
    /// first checker that could not tell, since it might have said yes; UnauthorizedLogin when all said no.
    /// The credentials must live until the answer has come.
    Deferred<AvatarId> requestAvatarId(const Credentials& credentials) const;

    /// What to offer: of the ways that go by a secret those that all checkers with such users offer, and
    /// whatever else one of them does.
    CredentialKinds offered() const;
    /// The keys of the first that knows `user`, or a decoy.
    Deferred<ScramKeys> scramKeys(const std::string& user) const;

private:
    std::vector<std::shared_ptr<Checker>> checkers_;
};

} // namespace twistdpp
