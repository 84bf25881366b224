#pragma once
#include "twistdpp/base/bytes.h"

#include <optional>
#include <string>

namespace twistdpp {

/// Which alphabet and whether `=` fills the last group: RFC 4648 section 4 (padded) or section 5 (unpadded,
/// as used in URLs, tokens and file names).
enum class Base64 { standard, url };

std::string toBase64(Bytes bytes, Base64 variant = Base64::standard);

/// The bytes that `text` stands for, or nothing unless it is exactly what toBase64() would have written: no
/// spaces or line ends, no character of the other alphabet, padding complete (standard) or absent (url),
/// unused bits zero. A value thus has one spelling only, which is what a signature or a password check needs.
std::optional<std::string> fromBase64(Bytes text, Base64 variant = Base64::standard);

} // namespace twistdpp
