#pragma once
#include "twistdpp/base/bytes.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace twistdpp::words {

/// Seconds since 1970 in UTC, now.
std::int64_t unixTime() noexcept;
/// Milliseconds since then.
std::int64_t unixMilliseconds() noexcept;
/// Milliseconds since 1970 as "2026-11-26T02:34:57.123Z".
std::string timestampOf(std::int64_t milliseconds);
/// The same read; nothing when it is no such time. The fraction may have any number of digits, or be left
/// out.
std::optional<std::int64_t> parseTimestamp(Bytes text) noexcept;

/// Writes the time as the server-time capability wants it: "2026-11-26T02:34:57.123Z". The part up to the
/// second is kept, so that most calls format three digits. Belongs to one thread.
class WallClock {
public:
    /// The present time as text, valid until the next call; `milliseconds` becomes the same as a number.
    Bytes timestamp(std::int64_t* milliseconds = nullptr) noexcept;

private:
    std::array<char, 25> text_{};
    std::int64_t second_ = -1;
};

} // namespace twistdpp::words
