#pragma once
#include "twistdpp/cred/authenticator.h"
#include "twistdpp/cred/realm.h"

#include <memory>
#include <utility>

namespace twistdpp {

/// The door of a service: credentials go in, an avatar comes out (Twisted's Portal with a type). Belongs to
/// its reactor's thread; may die while a login is pending.
///
///     Portal<FtpShell> portal(Authenticator(reactor, std::move(checkers)), realm);
///     UsernamePassword given(user, password);
///     std::unique_ptr<FtpShell> shell = co_await portal.login(given, source);
///
/// There is no logout: destroy the avatar.
template <class Avatar>
class Portal {
public:
    Portal(Authenticator authenticator, std::shared_ptr<Realm<Avatar>> realm)
        : authenticator_(std::move(authenticator)), realm_(std::move(realm)) {}

    CredentialKinds kinds() const noexcept { return authenticator_.kinds(); }

    /// The avatar, never nullptr. Fails with a LoginFailed, or with what the realm says. The credentials are
    /// copied. Cancelling ends it.
    Deferred<std::unique_ptr<Avatar>> login(const Credentials& credentials, LoginSource source) {
        return authenticator_.login(credentials, std::move(source))
            .addCallback([realm = realm_](AvatarId id) { return enter(realm, std::move(id)); });
    }

private:
    // A coroutine, so that the id and the realm outlive the request.
    static Deferred<std::unique_ptr<Avatar>> enter(std::shared_ptr<Realm<Avatar>> realm, AvatarId id) {
        std::unique_ptr<Avatar> avatar = co_await realm->requestAvatar(id);
        co_return std::move(avatar);
    }

    Authenticator authenticator_;
    std::shared_ptr<Realm<Avatar>> realm_;
};

} // namespace twistdpp
