#pragma once
#include "twistdpp/base/time.h"

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>

namespace twistdpp {

/// How long the loop was busy between two waits. One writer, the loop's thread; any thread may read.
struct LoopStatistics {
    static constexpr std::size_t kBuckets = 40;

    std::atomic<std::uint64_t> turns{0};
    std::atomic<std::uint64_t> busyNanoseconds{0};
    std::atomic<std::uint64_t> longestNanoseconds{0};
    /// Bucket i counts the turns that took at least 2^i and less than 2^(i+1) nanoseconds.
    std::array<std::atomic<std::uint64_t>, kBuckets> histogram{};

    void add(Duration busy) noexcept {
        const auto ns = static_cast<std::uint64_t>(busy.count() > 0 ? busy.count() : 0);
        bump(turns, 1);
        bump(busyNanoseconds, ns);
        if (ns > longestNanoseconds.load(std::memory_order_relaxed))
            longestNanoseconds.store(ns, std::memory_order_relaxed);
        const auto bucket = static_cast<std::size_t>(std::bit_width(ns | 1) - 1);
        bump(histogram[bucket < kBuckets ? bucket : kBuckets - 1], 1);
    }

private:
    static void bump(std::atomic<std::uint64_t>& counter, std::uint64_t by) noexcept {
        counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
    }
};

} // namespace twistdpp
