#pragma once
#include "twistdpp/app/service.h"
#include "twistdpp/app/service_maker.h"
#include "twistdpp/base/result.h"
#include "twistdpp/reactor/protocol.h"

#include <memory>
#include <string>
#include <vector>

namespace twistdpp {

/// A service that listens on the endpoint (a string such as "tcp:8080") and lets `factory` make a protocol
/// for each connection. It binds in privilegedStart(), reports the address for the ready line, accepts from
/// start() on, and at the end accepts no more and lets the connections finish. Of protocols that derive from
/// Drainable it waits for the end; others are left to the reactor. With several reactors each binds the port
/// for itself (SO_REUSEPORT), or port 0's choice by the first. What cannot be bound twice (unix sockets,
/// descriptors from outside) is served by the first reactor alone. The error names the part of the string
/// that is wrong.
Result<std::unique_ptr<Service>>
serveEndpoint(ServiceContext& context, const std::string& endpoint, std::shared_ptr<Factory> factory);

/// The same for several endpoints with one factory.
Result<std::unique_ptr<Service>> serveEndpoints(
    ServiceContext& context, const std::vector<std::string>& endpoints, std::shared_ptr<Factory> factory
);

} // namespace twistdpp
