#pragma once
#include "twistdpp/base/bytes.h"

#include <optional>
#include <string>

namespace twistdpp {

/// Two lower-case digits for each byte (RFC 4648 section 8, in the case that digests and fingerprints are
/// shown in).
std::string toHex(Bytes bytes);

/// The bytes that `text` spells in digits of either case; nothing for an odd length or any other character.
std::optional<std::string> fromHex(Bytes text);

} // namespace twistdpp
