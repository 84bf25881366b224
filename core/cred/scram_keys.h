#pragma once
#include "twistdpp/base/bytes.h"

#include <string>

namespace twistdpp {

/// What a server keeps for SCRAM-SHA-256 in place of a password (RFC 5802 section 3). A value.
struct ScramKeys {
    unsigned rounds = 0;
    std::string salt, storedKey, serverKey;

    /// Those of a password. Takes as long as PBKDF2 with so many rounds.
    static ScramKeys of(Bytes password, std::string salt, unsigned rounds);
    /// For a user that there is not: always the same for one name, also after a restart, so that nobody can
    /// tell it from a real one, and no password fits. `rounds` 0: those of a new hash.
    static ScramKeys decoy(Bytes user, unsigned rounds = 0);
};

/// What a checker says of a user who wants to log in by SCRAM.
struct ScramOffer {
    ScramKeys keys;
    bool known; // false: a decoy
};

} // namespace twistdpp
