#pragma once
#include "twistdpp/cred/password_hash.h"
#include "twistdpp/net/prefix.h"

#include <string>
#include <utility>

namespace twistdpp::words {

/// A web gateway that is trusted to say where its clients come from (WEBIRC,
/// ircv3.net/specs/extensions/webirc).
struct Gateway {
    Gateway(Prefix network, PasswordHash secret) : from(std::move(network)), password(std::move(secret)) {}
    Prefix from;
    PasswordHash password;

    /// Its name among the server's own passwords; no operator's can be the same, since names have no spaces.
    std::string key() const { return "gateway " + from.network.host() + "/" + std::to_string(from.bits); }
};

} // namespace twistdpp::words
