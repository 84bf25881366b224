#pragma once
#include "twistdpp/base/bytes.h"

#include <optional>
#include <string>

namespace twistdpp::imap {

/// A mailbox's name in UTF-8, as it is written for clients that have not asked for UTF-8: modified UTF-7
/// (RFC 3501 section 5.1.3).
std::string toModifiedUtf7(Bytes utf8);
/// The reverse. Nothing for what is none, and for a name that could have been written in another way.
std::optional<std::string> fromModifiedUtf7(Bytes text);

} // namespace twistdpp::imap
