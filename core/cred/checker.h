#pragma once
#include "twistdpp/cred/avatar_id.h"
#include "twistdpp/cred/credentials.h"
#include "twistdpp/cred/errors.h"
#include "twistdpp/cred/scram_keys.h"
#include "twistdpp/defer/deferred.h"

#include <string>

namespace twistdpp {

/// Judges credentials of some kinds: Twisted's ICredentialsChecker. Belongs to one reactor's thread. It may
/// be destroyed while an answer is pending; the answer still comes.
class Checker {
public:
    Checker() = default;
    Checker(const Checker&) = delete;
    Checker& operator=(const Checker&) = delete;
    virtual ~Checker() = default;

    virtual CredentialKinds kinds() const noexcept = 0;
    /// Who it is. Fails with UnauthorizedLogin when the proof is not good, and with another LoginFailed when
    /// that could not be found out. Called only with credentials of kinds(), which must live until the
    /// answer has come. An answer takes the same time whether the user exists or not.
    virtual Deferred<AvatarId> requestAvatarId(const Credentials& credentials) = 0;
    /// What a service should offer: the kinds by which each of its users can log in. Clients take the
    /// strongest way, and one for which a user has not what it takes would fail with the right password.
    virtual CredentialKinds offered() { return kinds(); }
    /// What the server needs for a SCRAM login of `user`; a decoy, made in the same time, where there is no
    /// such user. Only of a checker that judges SCRAM. Fails with CheckerUnavailable.
    virtual Deferred<ScramOffer> scramKeys(const std::string& user) {
        return ScramOffer{ScramKeys::decoy(user), false};
    }
};

} // namespace twistdpp
