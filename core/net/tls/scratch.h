#pragma once
#include <cstddef>
#include <memory>

namespace twistdpp::detail {

/// 64 KiB to work with for the length of a call, taken from and given back to the thread. Nested calls (TLS
/// over TLS) get different ones, so that no connection needs memory of its own.
class Scratch {
public:
    static constexpr std::size_t kSize = 64 * 1024;

    Scratch();
    ~Scratch();
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    char* data() const noexcept { return memory_.get(); }

private:
    std::unique_ptr<char[]> memory_;
};

} // namespace twistdpp::detail
