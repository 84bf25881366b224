#pragma once
#include "twistdpp/base/bytes.h"

#include <cstdint>

namespace twistdpp::http {

/// The request methods that some part of us treats in its own way: those of RFC 9110 9, PATCH (RFC 5789) and
/// those of WebDAV (RFC 4918). Any other valid token is `other`, which a server answers with 501.
enum class Method : std::uint8_t {
    get,
    head,
    post,
    put,
    remove, ///< DELETE, which is a word of the language
    connect,
    options,
    trace,
    patch,
    propfind,
    proppatch,
    mkcol,
    copy,
    move,
    lock,
    unlock,
    report,
    other,
};

/// Methods are case-sensitive (RFC 9110 9.1): "get" is `other`.
Method methodOf(Bytes text) noexcept;

/// The token on the wire; empty for `other`.
Bytes methodText(Method method) noexcept;

/// A safe method asks only to read (RFC 9110 9.2.1).
bool isSafe(Method method) noexcept;

/// An idempotent method may be sent again after a lost connection (RFC 9110 9.2.2).
bool isIdempotent(Method method) noexcept;

} // namespace twistdpp::http
