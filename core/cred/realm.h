#pragma once
#include "twistdpp/cred/avatar_id.h"
#include "twistdpp/defer/deferred.h"

#include <memory>

namespace twistdpp {

/// Makes what a service's user acts through (an FTP shell, a mailbox, an IRC user) once it is known who it
/// is: Twisted's IRealm with a type. Owned by the Portals that use it; belongs to one thread.
template <class Avatar>
class Realm {
public:
    Realm() = default;
    Realm(const Realm&) = delete;
    Realm& operator=(const Realm&) = delete;
    virtual ~Realm() = default;

    /// The avatar, never nullptr. Destroying it is the logout. A Failure refuses someone who is who they say
    /// they are.
    virtual Deferred<std::unique_ptr<Avatar>> requestAvatar(const AvatarId& id) = 0;
};

} // namespace twistdpp
