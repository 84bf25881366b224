#pragma once
#include "twistdpp/irc/casemapping.h"

#include <string>

namespace twistdpp::irc {

/// Longest mask that lists take.
inline constexpr std::size_t kMaxMask = 128;

/// Whether `text` fits `mask`, in which '*' stands for any bytes and '?' for one (modern.ircdocs.horse
/// "Wildcard Expressions"). It never goes back further than to the last '*', so that no mask takes longer
/// than the product of both lengths; both are bounded.
bool matchMask(Bytes mask, Bytes text, Casemapping mapping = Casemapping::ascii) noexcept;

/// "nick!user@host" from what people type: "nick", "user@host", "nick!user"; runs of '*' become one. Cut to
/// kMaxMask.
std::string completeMask(Bytes text);

} // namespace twistdpp::irc
