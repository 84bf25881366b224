#include "twistdpp/app/metrics.h"

#include <cmath>
#include <fmt/format.h>
#include <map>
#include <vector>

namespace twistdpp {

namespace {

/// "web_seconds{code="200"}" -> family "web_seconds", labels `code="200"`.
struct Split {
    Bytes family, labels;
};

Split split(Bytes name) noexcept {
    const auto brace = name.find('{');
    if (brace == Bytes::npos || !name.ends_with('}'))
        return {name, {}};
    return {name.substr(0, brace), name.substr(brace + 1, name.size() - brace - 2)};
}

struct Sums {
    std::string help;
    double unit = 1;
    std::array<std::uint64_t, Histogram::kBuckets> counts{};
    std::uint64_t sum = 0, max = 0;
    std::int64_t value = 0;
};

void appendHeader(std::string& out, Bytes& lastFamily, Bytes family, Bytes help, Bytes type) {
    if (family == lastFamily)
        return;
    lastFamily = family;
    fmt::format_to(std::back_inserter(out), "# HELP {} {}\n# TYPE {} {}\n", family, help, family, type);
}

void appendHistogram(std::string& out, Split name, const Sums& sums) {
    const std::string comma = name.labels.empty() ? "" : std::string(name.labels) + ",";
    const std::string alone = name.labels.empty() ? "" : "{" + std::string(name.labels) + "}";
    std::uint64_t below = 0;
    auto to = std::back_inserter(out);
    for (std::size_t bucket = 0; bucket < Histogram::kBuckets; ++bucket) {
        if (sums.counts[bucket] == 0)
            continue;
        below += sums.counts[bucket];
        // The bucket holds whole numbers below 2^k; Prometheus bounds are inclusive.
        const double bound = (std::ldexp(1.0, static_cast<int>(bucket)) - 1) * sums.unit;
        fmt::format_to(to, "{}_bucket{{{}le=\"{:.9g}\"}} {}\n", name.family, comma, bound, below);
    }
    fmt::format_to(to, "{}_bucket{{{}le=\"+Inf\"}} {}\n", name.family, comma, below);
    fmt::format_to(to, "{}_sum{} {:.9g}\n", name.family, alone, static_cast<double>(sums.sum) * sums.unit);
    fmt::format_to(to, "{}_count{} {}\n", name.family, alone, below);
}

void add(Sums& sums, const Histogram& histogram) {
    for (std::size_t bucket = 0; bucket < Histogram::kBuckets; ++bucket)
        sums.counts[bucket] += histogram.count(bucket);
    sums.sum += histogram.sum();
    sums.max = std::max(sums.max, histogram.max());
}

/// A count of nanoseconds as people say it.
std::string humanTime(double seconds) {
    if (seconds < 1e-3)
        return fmt::format("{:.3g} us", seconds * 1e6);
    return seconds < 1 ? fmt::format("{:.3g} ms", seconds * 1e3) : fmt::format("{:.3g} s", seconds);
}

} // namespace

template <class T>
T& Metrics::find(List<T>& list, Bytes name, Bytes help, double unit) {
    for (Named<T>& each : list) {
        if (each.name == name)
            return each.metric;
    }
    Named<T>& made = list.emplace_back();
    made.name = name;
    made.help = help;
    made.unit = unit;
    return made.metric;
}

Counter& Metrics::counter(Bytes name, Bytes help) {
    const std::lock_guard lock(mutex_);
    return find(counters_, name, help, 1);
}

Gauge& Metrics::gauge(Bytes name, Bytes help) {
    const std::lock_guard lock(mutex_);
    return find(gauges_, name, help, 1);
}

Histogram& Metrics::histogram(Bytes name, Bytes help, double unit) {
    const std::lock_guard lock(mutex_);
    return find(histograms_, name, help, unit);
}

template <class T, class F>
void Metrics::each(std::span<Metrics* const> reactors, List<T> Metrics::*list, F f) {
    for (Metrics* reactor : reactors) {
        const std::lock_guard lock(reactor->mutex_);
        for (const Named<T>& named : reactor->*list)
            f(named.name, named.help, named.unit, named.metric);
    }
}

std::string Metrics::expose(std::span<Metrics* const> reactors) {
    std::map<std::string, Sums> counters, gauges, histograms;
    const auto prepare = [](auto& map, const std::string& name, const std::string& help,
                            double unit) -> Sums& {
        Sums& sums = map[name];
        sums.help = help;
        sums.unit = unit;
        return sums;
    };
    each(reactors, &Metrics::counters_, [&](auto& name, auto& help, double unit, const Counter& counter) {
        prepare(counters, name, help, unit).value += static_cast<std::int64_t>(counter.value());
    });
    each(reactors, &Metrics::gauges_, [&](auto& name, auto& help, double unit, const Gauge& gauge) {
        prepare(gauges, name, help, unit).value += gauge.value();
    });
    each(
        reactors, &Metrics::histograms_,
        [&](auto& name, auto& help, double unit, const Histogram& histogram) {
            add(prepare(histograms, name, help, unit), histogram);
        }
    );
    std::string out;
    Bytes family;
    for (const auto& [name, sums] : counters) {
        appendHeader(out, family, split(name).family, sums.help, "counter");
        fmt::format_to(std::back_inserter(out), "{} {}\n", name, sums.value);
    }
    for (const auto& [name, sums] : gauges) {
        appendHeader(out, family, split(name).family, sums.help, "gauge");
        fmt::format_to(std::back_inserter(out), "{} {}\n", name, sums.value);
    }
    for (const auto& [name, sums] : histograms) {
        appendHeader(out, family, split(name).family, sums.help, "histogram");
        appendHistogram(out, split(name), sums);
    }
    return out;
}

std::string Metrics::table(std::span<Metrics* const> reactors, Bytes wanted) {
    Sums sums;
    each(reactors, &Metrics::histograms_, [&](auto& name, auto&, double unit, const Histogram& histogram) {
        if (name == wanted) {
            sums.unit = unit;
            add(sums, histogram);
        }
    });
    std::uint64_t total = 0;
    for (const std::uint64_t count : sums.counts)
        total += count;
    std::string out;
    for (std::size_t bucket = 0; bucket < Histogram::kBuckets; ++bucket) {
        if (sums.counts[bucket] == 0)
            continue;
        const double bound = std::ldexp(1.0, static_cast<int>(bucket)) * sums.unit;
        fmt::format_to(
            std::back_inserter(out), "< {:>8}  {:>9}  {:5.1f} %\n", humanTime(bound), sums.counts[bucket],
            100.0 * static_cast<double>(sums.counts[bucket]) / static_cast<double>(total)
        );
    }
    if (total > 0)
        fmt::format_to(
            std::back_inserter(out), "longest {}\n", humanTime(static_cast<double>(sums.max) * sums.unit)
        );
    return out;
}

} // namespace twistdpp
