#include "twistdpp/cred/authenticator.h"

#include "twistdpp/reactor/sleep.h"

namespace twistdpp {

namespace {

bool canBeGuessed(const Credentials& credentials) {
    return (CredentialKind::password | CredentialKind::hashedPassword | CredentialKind::scram)
        .has(credentials.kind());
}

bool isOnlyAQuestion(const Credentials& credentials) {
    return credentials.kind() == CredentialKind::sshKey &&
           static_cast<const SshPublicKey&>(credentials).signature.empty();
}

// One try that the throttle let begin. One that ends without a verdict counts as a failure when the client
// went away: hanging up early must not make guesses free.
class Try {
public:
    Try(Reactor& reactor, LoginThrottle& throttle, const LoginSource& source, Bytes user)
        : reactor_(reactor), throttle_(throttle), source_(source), user_(user) {}
    ~Try() {
        if (open_)
            throttle_.failed(source_.peer, user_, reactor_.now());
    }
    Try(const Try&) = delete;
    Try& operator=(const Try&) = delete;

    void succeeded() {
        open_ = false;
        throttle_.succeeded(source_.peer, user_);
    }
    void abandoned() {
        open_ = false;
        throttle_.abandoned(source_.peer, user_);
    }
    Duration failed() {
        open_ = false;
        return throttle_.failed(source_.peer, user_, reactor_.now());
    }

private:
    Reactor& reactor_;
    LoginThrottle& throttle_;
    const LoginSource& source_;
    Bytes user_;
    bool open_ = true;
};

Deferred<AvatarId> throttledLogin(
    Reactor& reactor, std::shared_ptr<const CheckerSet> checkers, std::shared_ptr<LoginThrottle> throttle,
    std::unique_ptr<Credentials> credentials, LoginSource source
) {
    const Bytes user = credentials->claimedUser();
    const Duration locked = throttle->begin(source.peer, user, reactor.now());
    if (locked > Duration::zero()) {
        Failure why = LoginThrottled(locked);
        auditRefused(source, *credentials, why);
        co_return why;
    }
    Try attempt(reactor, *throttle, source, user);
    Outcome<AvatarId> outcome = co_await checkers->requestAvatarId(*credentials).outcome();
    if (outcome.ok()) {
        attempt.succeeded();
        auditAccepted(source, outcome.value());
        co_return std::move(outcome);
    }
    auditRefused(source, *credentials, outcome.failure());
    if (outcome.failure().check<UnauthorizedLogin>())
        co_await sleep(reactor, attempt.failed());
    else if (!outcome.failure().check<CancelledError>())
        attempt.abandoned();
    co_return std::move(outcome);
}

Deferred<AvatarId> plainLogin(
    std::shared_ptr<const CheckerSet> checkers, std::unique_ptr<Credentials> credentials, LoginSource source
) {
    Outcome<AvatarId> outcome = co_await checkers->requestAvatarId(*credentials).outcome();
    if (!isOnlyAQuestion(*credentials)) {
        if (outcome.ok())
            auditAccepted(source, outcome.value());
        else
            auditRefused(source, *credentials, outcome.failure());
    }
    co_return std::move(outcome);
}

} // namespace

Authenticator::Authenticator(Reactor& reactor, CheckerSet checkers, std::shared_ptr<LoginThrottle> throttle)
    : reactor_(reactor), checkers_(std::make_shared<const CheckerSet>(std::move(checkers))),
      throttle_(throttle ? std::move(throttle) : LoginThrottle::of(reactor)) {}

Deferred<AvatarId> Authenticator::login(const Credentials& credentials, LoginSource source) const {
    if (canBeGuessed(credentials))
        return throttledLogin(reactor_, checkers_, throttle_, credentials.clone(), std::move(source));
    return plainLogin(checkers_, credentials.clone(), std::move(source));
}

} // namespace twistdpp
