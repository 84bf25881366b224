#pragma once
#include "twistdpp/base/bytes.h"

#include <map>
#include <optional>
#include <string>

namespace twistdpp::mail {

/// "v=1; a=rsa-sha256; d=example.com", as DKIM's signatures and keys and DMARC's policies are written (RFC
/// 6376 section 3.2). Spaces and line ends around names and values are taken off; inside values they stay.
using TagList = std::map<std::string, std::string, std::less<>>;
/// Nothing when it is none, or has a name twice.
std::optional<TagList> parseTags(Bytes text);
/// The value of a tag; empty when there is none.
Bytes tagOf(const TagList& tags, Bytes name);
/// Without any space and line end: for base64.
std::string withoutSpaces(Bytes text);

} // namespace twistdpp::mail
