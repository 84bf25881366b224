#pragma once
#include <cstdint>
#include <string_view>

namespace twistdpp {

/// Borrowed bytes: valid for the call they are passed to, unless the callee says otherwise.
/// A coroutine must not keep them across a co_await, except those it has just read.
using Bytes = std::string_view;

} // namespace twistdpp
