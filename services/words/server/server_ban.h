#pragma once
#include "twistdpp/base/bytes.h"

namespace twistdpp::words {

class User;

/// Whether a ban of the whole server is of this user: its mask is "user@host" with wildcards, where the host
/// is the one shown or the one that the user came from, or "user@192.0.2.0/24", a network.
bool fitsBan(Bytes mask, const User& user);
/// Whether a ban may have that mask: one that would fit everyone is a mistake.
bool isBanMask(Bytes mask) noexcept;

} // namespace twistdpp::words
