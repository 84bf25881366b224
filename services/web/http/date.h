#pragma once
#include "twistdpp/base/bytes.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>

/// HTTP dates (RFC 9110 5.6.7). A time is in whole seconds since 1970-01-01 00:00:00 UTC.
namespace twistdpp::http {

using UnixSeconds = std::int64_t;
using DateBuffer = std::array<char, 29>;

/// "Sun, 06 Nov 1994 08:49:37 GMT", borrowed from `buffer`. Times outside the years 0-9999 are taken for the
/// nearest one inside.
Bytes formatDate(UnixSeconds time, DateBuffer& buffer) noexcept;
std::string formatDate(UnixSeconds time);

/// Any of the three forms that a recipient must take: IMF-fixdate, RFC 850 ("Sunday, 06-Nov-94 08:49:37 GMT")
/// and asctime ("Sun Nov  6 08:49:37 1994"). Nothing else, not even other case: a field with another date is
/// to be ignored. The weekday's name must be one, and may be wrong. `now` decides about the century of a year
/// of two digits: one that lies more than 50 years ahead is in the past.
std::optional<UnixSeconds> parseDate(Bytes text, UnixSeconds now) noexcept;

} // namespace twistdpp::http
