#pragma once
#include "twistdpp/cred/avatar_id.h"
#include "twistdpp/cred/credentials.h"
#include "twistdpp/cred/errors.h"
#include "twistdpp/defer/deferred.h"

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
};

} // namespace twistdpp
