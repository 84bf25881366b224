#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace twistdpp::words {

/// How someone was on the server last: what an always-on client goes on with after a restart.
struct Presence {
    std::string nick; // empty: nothing is kept
    std::string ident, realname, host, away;
    unsigned modes = 0;
    std::vector<std::pair<std::string, unsigned>> channels; // with the ranks there
};

/// An account that its user made. A value.
struct Account {
    std::string name;     // as it was first written; it is looked up folded
    std::string password; // what a password file holds: a hash, never the password
    std::int64_t created = 0;
    std::int64_t seen = 0; // when it was last here
    bool alwaysOn = false; // stays on the server without a connection
    std::vector<std::string>
        fingerprints; // of client certificates that it logs in with (SHA-256, hexadecimal)
    Presence presence;
};

} // namespace twistdpp::words
