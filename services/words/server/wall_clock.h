#pragma once
#include "twistdpp/base/bytes.h"

#include <array>
#include <cstdint>

namespace twistdpp::words {

/// Seconds since 1970 in UTC, now.
std::int64_t unixTime() noexcept;

/// Writes the time as the server-time capability wants it: "2026-11-26T02:34:57.123Z". The part up to the
/// second is kept, so that most calls format three digits. Belongs to one thread.
class WallClock {
public:
    /// The present time as text, valid until the next call.
    Bytes timestamp() noexcept;

private:
    std::array<char, 25> text_{};
    std::int64_t second_ = -1;
};

} // namespace twistdpp::words
