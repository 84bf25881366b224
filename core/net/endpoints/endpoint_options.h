#pragma once

namespace twistdpp {

/// What the program asks of an endpoint, whatever its description says.
struct EndpointOptions {
    EndpointOptions() = default;
    explicit EndpointOptions(bool share) : reusePort(share) {}

    /// Several reactors listen on the port side by side, each with an endpoint of its own (SO_REUSEPORT).
    /// Means something for TCP alone; kinds that take over a socket share it in any case.
    bool reusePort = false;
};

} // namespace twistdpp
