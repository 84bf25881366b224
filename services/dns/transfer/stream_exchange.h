#pragma once
#include "twistdpp/base/unique_function.h"
#include "twistdpp/defer/deferred.h"
#include "twistdpp/reactor/reactor.h"

#include <string>

namespace twistdpp::dns {

/// How long an exchange by TCP may take.
struct StreamLimits {
    Duration connect = std::chrono::seconds(10);
    Duration silence = std::chrono::seconds(30); // until the next message
    Duration whole = std::chrono::hours(1);
};

/// Sends a request by TCP and gives each message that comes back to `take`, until that returns true; the
/// connection is closed then. Fails with a ConnectError, a TimeoutError, a ConnectionEnd when the connection
/// ends first, or with what `take` throws. Cancelling cuts the connection.
Deferred<void> exchangeStream(
    Reactor& reactor, const Address& to, std::string request, StreamLimits limits,
    UniqueFunction<bool(Bytes)> take
);

} // namespace twistdpp::dns
