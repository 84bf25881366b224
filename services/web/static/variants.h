#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/http/negotiation.h"

#include <optional>
#include <string>

namespace twistdpp::web {

/// Whether a body of that media type becomes notably smaller when compressed: text and what is text inside.
bool compressible(Bytes mediaType) noexcept;

/// The extension under which a compressed form of a file stands beside it: ".gz", ".br", ".zst".
Bytes siblingExtension(http::Coding coding) noexcept;

/// The whole of `data` in that coding, at a level that suits something made once and sent often. Nothing when
/// the result would not be smaller. Any thread.
std::optional<std::string> compress(http::Coding coding, Bytes data);

} // namespace twistdpp::web
