#pragma once
#include "twistdpp/base/bytes.h"

#include <string>

namespace twistdpp {

/// Appends `text` so that it stays on one line and cannot steer a terminal: control bytes and DEL become \n,
/// \t or \xNN. UTF-8 passes as it is, a byte that is no UTF-8 becomes \xNN. A backslash stays one, for paths
/// and patterns to be readable; the log is for people, not for parsing back.
void appendEscaped(std::string& out, Bytes text);

/// Appends `text` as a JSON string with its quotes. Bytes that are no UTF-8 are written as the text \xNN.
void appendJsonString(std::string& out, Bytes text);

/// The length of the valid UTF-8 sequence at the start of `text`, or 0.
std::size_t utf8Length(Bytes text) noexcept;

} // namespace twistdpp
