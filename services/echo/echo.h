#pragma once
#include "twistdpp/app/drainable.h"
#include "twistdpp/reactor/protocol.h"

namespace twistdpp {

/// The echo protocol (RFC 862): sends back what it receives. A client that does not read is not read from
/// either, which the transport sees to by itself.
class Echo : public Protocol, public Drainable {
public:
    void dataReceived(Bytes data) override;
    /// There is no end of a message to wait for: what was received is sent back, then it closes.
    void drain() override;
    void abort() override;
};

} // namespace twistdpp
