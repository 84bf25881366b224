#pragma once
#include "twistdpp/base/bytes.h"

#include <cstddef>
#include <cstdint>

namespace twistdpp::http {

/// The field names that are found without comparing text: those on which framing, caching, negotiation,
/// proxying and WebDAV depend, and those that every browser sends (a name found here needs no further check
/// of its bytes). At most 63, as a HeaderBlock keeps one bit each. The order is that of the names in
/// known_header.cpp.
enum class KnownHeader : std::uint8_t {
    accept,
    acceptEncoding,
    acceptLanguage,
    acceptRanges,
    age,
    allow,
    authorization,
    cacheControl,
    connection,
    contentDisposition,
    contentEncoding,
    contentLength,
    contentRange,
    contentType,
    cookie,
    date,
    depth,
    destination,
    etag,
    expect,
    expires,
    forwarded,
    host,
    ifHeader, ///< "If" of WebDAV
    ifMatch,
    ifModifiedSince,
    ifNoneMatch,
    ifRange,
    ifUnmodifiedSince,
    keepAlive,
    lastModified,
    location,
    maxForwards,
    origin,
    pragma,
    priority,
    proxyAuthenticate,
    proxyAuthorization,
    proxyConnection,
    range,
    referer,
    retryAfter,
    secChUa,
    secChUaMobile,
    secChUaPlatform,
    secFetchDest,
    secFetchMode,
    secFetchSite,
    secFetchUser,
    secWebSocketKey,
    secWebSocketVersion,
    server,
    setCookie,
    te,
    trailer,
    transferEncoding,
    upgrade,
    upgradeInsecureRequests,
    userAgent,
    vary,
    via,
    wwwAuthenticate,
    xForwardedFor,
    none, ///< any other name
};

inline constexpr std::size_t kKnownHeaders = static_cast<std::size_t>(KnownHeader::none);
static_assert(kKnownHeaders <= 63);

/// The known header of that name in any case, or `none`. Constant time. Every byte of `name` must be above
/// 0x20, as upper and lower case are told apart by one bit only.
KnownHeader knownHeader(Bytes name) noexcept;
/// The same for the parsers: `name` is followed by other bytes, `readable` in all from its first one on.
/// Where that is 32 or more, names are compared 16 bytes at a time.
KnownHeader knownHeader(Bytes name, std::size_t readable) noexcept;

/// The name as it is written by convention ("If-None-Match"); empty for `none`.
Bytes headerName(KnownHeader header) noexcept;

} // namespace twistdpp::http
