#pragma once
#include "twistdpp/defer/failure.h"

#include <cstddef>

namespace twistdpp {

/// Failures that no one took, in this process so far. Each was also logged at once under "defer", with where
/// the Deferred was made.
std::size_t unhandledErrors() noexcept;

/// Deferred states of the calling thread that are alive: pending results and coroutines that have not ended.
/// A test that ends with more than it began with has left something behind.
std::size_t liveStates() noexcept;

namespace detail {
inline constinit thread_local std::size_t liveStateCount = 0;
void reportUnhandled(const Failure& failure, const SourceLocation& made) noexcept;
} // namespace detail

} // namespace twistdpp
