#pragma once
#include <cstddef>
#include <cstdint>

namespace twistdpp {

/// Numbers that a seed determines on every machine (the standard library's distributions differ between
/// libraries). The generator is SplitMix64.
class SimRandom {
public:
    explicit SimRandom(std::uint64_t seed) noexcept : state_(seed) {}

    std::uint64_t next() noexcept {
        std::uint64_t z = (state_ += 0x9E3779B97F4A7C15U);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
        return z ^ (z >> 31);
    }
    /// From `low` to `high`, both included.
    std::uint64_t between(std::uint64_t low, std::uint64_t high) noexcept {
        return low + next() % (high - low + 1);
    }
    bool chance(double probability) noexcept {
        return probability > 0 && static_cast<double>(next() >> 11) * 0x1p-53 < probability;
    }

private:
    std::uint64_t state_;
};

} // namespace twistdpp
