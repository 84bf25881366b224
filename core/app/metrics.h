#pragma once
#include "twistdpp/base/bytes.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <deque>
#include <mutex>
#include <span>
#include <string>

namespace twistdpp {

/// A number that only grows. One writer (the thread of its reactor), any reader; no locked instruction.
class Counter {
public:
    void add(std::uint64_t count = 1) noexcept {
        value_.store(value_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
    }
    std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

/// A number that goes up and down (open connections). One writer.
class Gauge {
public:
    void add(std::int64_t count) noexcept { set(value() + count); }
    void set(std::int64_t value) noexcept { value_.store(value, std::memory_order_relaxed); }
    std::int64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::int64_t> value_{0};
};

/// How often values of which size were seen: bucket k counts those below 2^k. One writer; recording is a
/// shift and an addition.
class Histogram {
public:
    static constexpr std::size_t kBuckets = 65;

    void record(std::uint64_t value) noexcept {
        bump(counts_[static_cast<std::size_t>(std::bit_width(value))], 1);
        bump(sum_, value);
        if (value > max_.load(std::memory_order_relaxed))
            max_.store(value, std::memory_order_relaxed);
    }
    /// Adds counts by powers of two that someone else kept: counts[i] values of at least 2^i and below
    /// 2^(i+1).
    template <std::size_t N>
    void addLog2Counts(const std::array<std::atomic<std::uint64_t>, N>& counts) noexcept {
        static_assert(N < kBuckets);
        for (std::size_t i = 0; i < N; ++i) {
            const std::uint64_t count = counts[i].load(std::memory_order_relaxed);
            bump(counts_[i + 1], count);
            // The middle of the bucket stands for the values in it.
            bump(sum_, count * (std::uint64_t{3} << i) / 2);
            if (count > 0)
                max_.store(
                    std::max(max_.load(std::memory_order_relaxed), std::uint64_t{2} << i),
                    std::memory_order_relaxed
                );
        }
    }
    /// Values v with bit_width(v) == bucket, that is 2^(bucket-1) <= v < 2^bucket.
    std::uint64_t count(std::size_t bucket) const noexcept {
        return counts_[bucket].load(std::memory_order_relaxed);
    }
    std::uint64_t sum() const noexcept { return sum_.load(std::memory_order_relaxed); }
    std::uint64_t max() const noexcept { return max_.load(std::memory_order_relaxed); }

private:
    static void bump(std::atomic<std::uint64_t>& at, std::uint64_t by) noexcept {
        at.store(at.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
    }
    std::array<std::atomic<std::uint64_t>, kBuckets> counts_{};
    std::atomic<std::uint64_t> sum_{0}, max_{0};
};

/// The metrics of one reactor. Services make theirs when they start and keep the reference, which stays valid
/// as long as the Metrics; what they count is summed over the reactors when someone asks. Names are
/// Prometheus names, labels included: `web_responses_total{code="200"}`. Making one twice gives the same.
class Metrics {
public:
    Counter& counter(Bytes name, Bytes help);
    Gauge& gauge(Bytes name, Bytes help);
    /// `unit` is what one recorded step is worth in the exposition: 1e-9 for nanoseconds shown as seconds.
    Histogram& histogram(Bytes name, Bytes help, double unit = 1);

    /// The sums over several reactors as Prometheus text (version 0.0.4). Any thread.
    static std::string expose(std::span<Metrics* const> reactors);
    /// The summed buckets of one histogram as a small table for people: "< 1.02 ms  123  45.6 %".
    static std::string table(std::span<Metrics* const> reactors, Bytes histogram);

private:
    template <class T>
    struct Named {
        std::string name, help;
        double unit = 1;
        T metric;
    };
    template <class T>
    using List = std::deque<Named<T>>;

    template <class T>
    static T& find(List<T>& list, Bytes name, Bytes help, double unit);
    template <class T, class F>
    static void each(std::span<Metrics* const> reactors, List<T> Metrics::*list, F f);

    std::mutex mutex_;
    List<Counter> counters_;
    List<Gauge> gauges_;
    List<Histogram> histograms_;
};

} // namespace twistdpp
