#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/base/unique_fd.h"

namespace twistdpp::detail {

/// Makes two descriptors of any kind (files, pipes, terminals) one connected socket: what `input` gives is
/// read from the socket, what is written to the socket goes to `output`. The end of `input` is the end of the
/// stream. Two threads copy, as files and some devices cannot be polled; they end with either side.
Result<UniqueFd> makeSocketOf(UniqueFd input, UniqueFd output);

} // namespace twistdpp::detail
