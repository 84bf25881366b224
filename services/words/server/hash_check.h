#pragma once
#include "twistdpp/cred/avatar_id.h"
#include "twistdpp/cred/check_queue.h"
#include "twistdpp/cred/password_hash.h"
#include "twistdpp/cred/secret.h"
#include "twistdpp/defer/deferred.h"

#include <optional>

namespace twistdpp::words {

/// Fires `id` when `password` fits `hash`, off the reactor's thread where that takes long. Without an `id`
/// nobody is known by that name: the answer is no, after the same time.
Deferred<AvatarId>
checkHash(CheckQueue& hashing, PasswordHash hash, Secret password, std::optional<AvatarId> id);

} // namespace twistdpp::words
