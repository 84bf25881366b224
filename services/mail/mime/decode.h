#pragma once
#include "twistdpp/base/bytes.h"

#include <string>

namespace twistdpp::mime {

/// Base64 as mail has it (RFC 2045 section 6.8): lines and whatever else is no digit are passed over, and
/// what breaks off is read as far as it goes.
std::string fromBase64Lines(Bytes text);
/// Quoted-printable (RFC 2045 section 6.7). What is no "=XX" is kept as it stands. `words`: "_" is a space
/// (RFC 2047 section 4.2).
std::string fromQuotedPrintable(Bytes text, bool words = false);
/// Takes off a Content-Transfer-Encoding, in any case; what has another name, or none, is itself.
std::string decodeTransfer(Bytes text, Bytes encoding);
/// To UTF-8 from a character set by its name in mail, in any case. What cannot be read, and text of a
/// character set that is not known, has U+FFFD for bytes that are no UTF-8.
std::string toUtf8(Bytes text, Bytes charset);

} // namespace twistdpp::mime
