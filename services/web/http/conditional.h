#pragma once
#include "twistdpp/http/date.h"
#include "twistdpp/http/etag.h"
#include "twistdpp/http/header_block.h"
#include "twistdpp/http/method.h"

#include <cstdint>
#include <optional>

/// Conditional requests (RFC 9110 13).
namespace twistdpp::http {

/// What is known of the representation that a request would get (GET) or replace (PUT). For a resource that
/// does not exist, `exists` is false and the rest empty.
struct Validators {
    bool exists = true;
    std::optional<EntityTag> etag;
    std::optional<UnixSeconds> lastModified;
};

enum class Verdict : std::uint8_t {
    proceed,
    notModified,        ///< 304, with the ETag, Vary, Cache-Control and Date of a 200; GET and HEAD only
    preconditionFailed, ///< 412
};

/// Weighs If-Match, else If-Unmodified-Since; then If-None-Match, else If-Modified-Since (RFC 9110 13.2.2).
/// To be asked only when the answer without conditions would be 2xx or 412. Dates that cannot be read are
/// ignored; a list of tags that cannot matches nothing. `now` (seconds) serves to read dates with years of
/// two digits.
Verdict evaluateConditions(
    const HeaderBlock& headers, Method method, const Validators& current, UnixSeconds now
) noexcept;

/// Whether Range is to be honoured as far as If-Range (RFC 9110 13.1.5) decides: true without the field. A
/// tag must match strongly; a date must be exactly Last-Modified, and that at least a second older than
/// `now`, the Date of the answer, as a younger one may be that of two contents.
bool rangeConditionHolds(const HeaderBlock& headers, const Validators& current, UnixSeconds now) noexcept;

} // namespace twistdpp::http
