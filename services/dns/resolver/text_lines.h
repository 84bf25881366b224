#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/base/result.h"

#include <cstddef>
#include <string>

namespace twistdpp::dns {

/// A small file of the system's as a whole; an error when it cannot be read or is larger than `most` bytes.
Result<std::string> readSmallFile(const std::string& path, std::size_t most);

/// Takes the next word off `line`: blanks separate.
Bytes nextWord(Bytes& line) noexcept;

} // namespace twistdpp::dns
