#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/base/time.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace twistdpp {

/// How the simulated world behaves. All chance comes from the seed: the same seed and the same program give
/// the same run, event for event. Probabilities are from 0 to 1. Everything but the seed may be changed
/// while the reactor runs, through SimReactor::options().
struct SimOptions {
    SimOptions() = default;
    explicit SimOptions(std::uint64_t chosenSeed) : seed(chosenSeed) {}

    /// A world without chance: one latency, nothing cut, held up or lost. For tests that count events.
    static SimOptions calm();
    /// From the text behind "sim:": "seed=7,latency=1ms-20ms,reset=0.01". The names are those of the members
    /// in lower case, `latency` (one or two durations in us, ms or s) and the bare words `bytewise`, `trace`
    /// and `calm`.
    static Result<SimOptions> parse(std::string_view arguments);

    std::uint64_t seed = 1;
    Duration minLatency = std::chrono::microseconds(50); // one way, drawn for each segment
    Duration maxLatency = std::chrono::milliseconds(2);
    std::size_t window = 64 * 1024; // bytes that a receiver takes in before its protocol reads them
    double cut = 0.2;               // that a segment, or what one read finds, is cut at a random place
    double stall = 0.05;            // that a socket takes a part of the queue and more only some time later
    double reset = 0;               // that a segment is lost and its connection with it
    double loss = 0;                // that a datagram does not arrive,
    double duplicate = 0;           // that it arrives twice,
    double reorder = 0;             // that later ones overtake it
    bool bytewise = false;          // every dataReceived() gets a single byte
    bool trace = false;             // keep what SimReactor::trace() gives
};

} // namespace twistdpp
