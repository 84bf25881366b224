#pragma once
#include "twistdpp/base/chain.h"
#include "twistdpp/posix/posix_reactor.h"
#include "twistdpp/reactor/process.h"

#include <memory>

namespace twistdpp {

/// Starts a child as `spec` says. What fails in the child before the program runs (no such file, no
/// permission) is this call's error.
Result<std::unique_ptr<Process>>
startProcess(PosixReactor& reactor, ProcessSpec spec, ProcessProtocol& protocol);

} // namespace twistdpp
