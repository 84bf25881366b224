#pragma once
#include "twistdpp/irc/capability.h"

#include <cstddef>

namespace twistdpp::words {

/// Which tags and batches a receiver gets: what decides the bytes of a message for it. Sessions keep theirs
/// ready.
class Variant {
public:
    static constexpr std::size_t kCount = 16;
    constexpr Variant() noexcept = default;
    explicit constexpr Variant(irc::CapSet caps) noexcept
        : index_(
              (caps.has(irc::Cap::serverTime) ? 1U : 0U) | (caps.has(irc::Cap::accountTag) ? 2U : 0U) |
              (caps.has(irc::Cap::messageTags) ? 4U : 0U) |
              (caps.has(irc::Cap::multiline) && caps.has(irc::Cap::batch) ? 8U : 0U)
          ) {}
    constexpr bool time() const noexcept { return (index_ & 1U) != 0; }
    constexpr bool account() const noexcept { return (index_ & 2U) != 0; }
    constexpr bool all() const noexcept { return (index_ & 4U) != 0; }
    constexpr bool multiline() const noexcept { return (index_ & 8U) != 0; }
    constexpr std::size_t index() const noexcept { return index_; }

private:
    unsigned index_ = 0;
};

} // namespace twistdpp::words
