#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/cred/secret.h"

#include <optional>
#include <string>

namespace twistdpp::web {

/// A name and a password, as they come with each request.
struct BasicCredentials {
    std::string user;
    Secret password;
};

/// Reads the value of an Authorization field (RFC 7617 section 2). Nothing: it is of another scheme, or
/// malformed.
std::optional<BasicCredentials> basicCredentials(Bytes field);

} // namespace twistdpp::web
