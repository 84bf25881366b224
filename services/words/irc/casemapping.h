#pragma once
#include "twistdpp/base/bytes.h"

#include <array>
#include <string>

namespace twistdpp::irc {

/// Which names are the same (ISUPPORT CASEMAPPING). `rfc1459` takes {}|~ for the lower case of []\^, as RFC
/// 1459 section 2.2 says; `strictRfc1459` leaves ~ and ^ apart.
enum class Casemapping : unsigned char { ascii, rfc1459, strictRfc1459 };

/// The folded form of a byte.
char foldByte(char c, Casemapping mapping) noexcept;
/// The folded form of a name: what it is looked up by. Names are folded once, where they come in.
std::string fold(Bytes name, Casemapping mapping = Casemapping::ascii);
bool sameName(Bytes a, Bytes b, Casemapping mapping = Casemapping::ascii) noexcept;
/// The name in ISUPPORT.
Bytes toString(Casemapping mapping) noexcept;
/// By that name; `fallback` for one that is not known.
Casemapping casemappingFrom(Bytes name, Casemapping fallback) noexcept;

} // namespace twistdpp::irc
