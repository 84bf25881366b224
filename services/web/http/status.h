#pragma once
#include "twistdpp/base/bytes.h"

namespace twistdpp::http {

/// The reason phrase of a status code (the registry of RFC 9110 15 and of WebDAV); that of its class ("Client
/// Error") for a code that has none, so that a status line is never without one.
Bytes reasonPhrase(int status) noexcept;

/// Whether a response of that status has no body, whatever its fields say (RFC 9110 6.4.1).
constexpr bool neverHasBody(int status) noexcept {
    return status < 200 || status == 204 || status == 304;
}

} // namespace twistdpp::http
