#pragma once
#include "twistdpp/endpoints/argument_reader.h"
#include "twistdpp/reactor/connect_host.h"

#include <memory>
#include <string>
#include <utility>

namespace twistdpp::detail {

/// What all clients over TCP have in common: a host, a port and how to get there.
struct HostConnector {
    HostConnector(Reactor& r, std::string h, std::uint16_t p) : reactor(&r), host(std::move(h)), port(p) {}

    /// From the arguments host, port, timeout and bindAddress.
    static HostConnector read(const EndpointContext& context, ArgumentReader& reader) {
        std::string name = reader.required("host", "a host");
        HostConnector connector(context.reactor, std::move(name), reader.port("port"));
        if (connector.port == 0)
            reader.fail("port 0 cannot be connected to");
        connector.options.timeout = reader.seconds("timeout", connector.options.timeout);
        connector.options.bindAddress = reader.address("bindAddress", Address());
        return connector;
    }

    Deferred<Transport*> connect(std::shared_ptr<Factory> factory) const {
        return connectHost(*reactor, host, port, std::move(factory), options);
    }

    Reactor* reactor;
    std::string host;
    std::uint16_t port;
    ConnectHostOptions options;
};

} // namespace twistdpp::detail
