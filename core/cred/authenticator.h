#pragma once
#include "twistdpp/cred/checker_set.h"
#include "twistdpp/cred/login_audit.h"
#include "twistdpp/cred/login_throttle.h"

#include <memory>

namespace twistdpp {

class Reactor;

/// Everything between credentials and an avatar's id: the checkers in their order, the throttle, the audit
/// log. Portal adds the realm; a service without avatars uses this alone. Belongs to its reactor's thread;
/// may die while an answer is pending.
class Authenticator {
public:
    /// With the throttle that all services of the reactor share, unless another is given.
    Authenticator(Reactor& reactor, CheckerSet checkers, std::shared_ptr<LoginThrottle> throttle = nullptr);

    /// What can be asked for.
    CredentialKinds kinds() const noexcept { return checkers_->kinds(); }
    /// What a protocol should offer, see CheckerSet.
    CredentialKinds offered() const { return checkers_->offered(); }
    /// What a SCRAM exchange with `user` needs, whether there is such a one or not.
    Deferred<ScramKeys> scramKeys(const std::string& user) const { return checkers_->scramKeys(user); }

    /// Who it is. Fails with a LoginFailed (see CheckerSet). Where a password can be guessed, a failure comes
    /// after a delay that grows, and LoginThrottled at once after too many. Writes the audit line, but for an
    /// SSH key without a signature, which is a question and no login. The credentials are copied. Cancelling
    /// (the client has gone) ends it; a wrong guess counts all the same.
    Deferred<AvatarId> login(const Credentials& credentials, LoginSource source) const;

private:
    Reactor& reactor_;
    std::shared_ptr<const CheckerSet> checkers_;
    std::shared_ptr<LoginThrottle> throttle_;
};

} // namespace twistdpp
