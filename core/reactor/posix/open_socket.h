#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/base/unique_fd.h"
#include "twistdpp/reactor/reactor.h"

#include <string>

namespace twistdpp {

/// A bound and listening stream socket as `spec` says, non-blocking. The error names the address.
Result<UniqueFd> openListener(ListenSpec& spec);
/// A bound datagram socket, non-blocking.
Result<UniqueFd> openDatagramSocket(DatagramSpec& spec);
/// Makes a socket of the process before this one what `spec` says, as far as that can change. The error says
/// what cannot.
Result<void> fitListener(int fd, const ListenSpec& spec);
Result<void> fitDatagramSocket(int fd, const DatagramSpec& spec);
/// Sets O_NONBLOCK and close-on-exec; `what` begins the error's text.
Result<void> makeNonBlocking(int fd, const std::string& what);
/// The options of every TCP socket that carries streams.
void tuneStream(int fd);
/// What a socket is bound to.
Address boundAddress(int fd);

} // namespace twistdpp
