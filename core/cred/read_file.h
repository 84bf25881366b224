#pragma once
#include "twistdpp/base/result.h"

#include <cstddef>
#include <string>
#include <string_view>

struct stat;

namespace twistdpp {

/// The whole of the open file `fd`, which must be a regular one of at most `limit` bytes. `path` is for the
/// error's text. Blocks as a disk does.
Result<std::string> readWhole(int fd, std::size_t limit, std::string_view path);

/// Opens `path` for reading: no terminal, no waiting on a FIFO, not inherited. Fills `status`.
Result<class UniqueFd> openForReading(const std::string& path, struct stat& status);

} // namespace twistdpp
