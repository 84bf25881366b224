#pragma once
#include "twistdpp/base/unique_fd.h"

#include <cstdint>
#include <memory>

namespace twistdpp {

/// An open file that several connections may be sending at once; it is closed when the last of them is done.
using SharedFile = std::shared_ptr<const UniqueFd>;

/// `length` bytes of a file from `offset` on: what a transport sends without reading it into memory.
struct FileRange {
    SharedFile file;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;

    FileRange() = default;
    FileRange(SharedFile opened, std::uint64_t from, std::uint64_t count)
        : file(std::move(opened)), offset(from), length(count) {}
};

} // namespace twistdpp
