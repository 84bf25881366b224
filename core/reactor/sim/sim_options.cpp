#include "twistdpp/sim/sim_options.h"

#include "twistdpp/base/number.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string>

namespace twistdpp {

namespace {

constexpr std::string_view kNames =
    "seed, latency, window, cut, stall, reset, loss, duplicate, reorder, bytewise, trace, calm";

std::optional<Duration> parseDuration(std::string_view text) {
    const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = parseUnsigned<std::uint32_t>(text.substr(0, digits));
    const std::string_view unit = text.substr(digits);
    if (!number)
        return std::nullopt;
    if (unit == "us")
        return std::chrono::microseconds(*number);
    if (unit == "ms")
        return std::chrono::milliseconds(*number);
    if (unit == "s")
        return std::chrono::seconds(*number);
    return std::nullopt;
}

bool parseLatency(std::string_view text, SimOptions& options) {
    const auto dash = text.find('-');
    const auto low = parseDuration(text.substr(0, dash));
    const auto high = dash == std::string_view::npos ? low : parseDuration(text.substr(dash + 1));
    if (!low || !high || *low > *high)
        return false;
    options.minLatency = *low;
    options.maxLatency = *high;
    return true;
}

bool parseProbability(std::string_view text, double& to) {
    const std::string copy(text);
    char* end = nullptr;
    const double value = std::strtod(copy.c_str(), &end);
    if (copy.empty() || *end != '\0' || !(value >= 0 && value <= 1))
        return false;
    to = value;
    return true;
}

template <class T>
bool parseCount(std::string_view text, T& to) {
    const auto value = parseUnsigned<T>(text);
    to = value.value_or(to);
    return value.has_value();
}

bool set(SimOptions& options, std::string_view name, std::string_view value) {
    if (name == "seed")
        return parseCount(value, options.seed);
    if (name == "latency")
        return parseLatency(value, options);
    if (name == "window")
        return parseCount(value, options.window) && options.window > 0;
    const std::pair<std::string_view, double SimOptions::*> probabilities[] = {
        {"cut", &SimOptions::cut},
        {"stall", &SimOptions::stall},
        {"reset", &SimOptions::reset},
        {"loss", &SimOptions::loss},
        {"duplicate", &SimOptions::duplicate},
        {"reorder", &SimOptions::reorder}};
    for (const auto& [known, member] : probabilities) {
        if (name == known)
            return parseProbability(value, options.*member);
    }
    return false;
}

} // namespace

SimOptions SimOptions::calm() {
    SimOptions options;
    options.minLatency = options.maxLatency = std::chrono::milliseconds(1);
    options.cut = options.stall = 0;
    return options;
}

Result<SimOptions> SimOptions::parse(std::string_view arguments) {
    SimOptions options;
    while (!arguments.empty()) {
        const auto comma = arguments.find(',');
        const std::string_view word = arguments.substr(0, comma);
        arguments.remove_prefix(comma == std::string_view::npos ? arguments.size() : comma + 1);
        const auto equals = word.find('=');
        if (word == "bytewise") {
            options.bytewise = true;
        } else if (word == "trace") {
            options.trace = true;
        } else if (word == "calm") {
            const std::uint64_t seed = options.seed;
            options = calm();
            options.seed = seed;
        } else if (equals == std::string_view::npos || !set(options, word.substr(0, equals), word.substr(equals + 1))) {
            return Error(
                "reactor sim: '" + std::string(word) +
                "' is not understood; it takes, with commas between, " + std::string(kNames) +
                ", for example seed=7,latency=1ms-20ms,reset=0.01"
            );
        }
    }
    return options;
}

} // namespace twistdpp
