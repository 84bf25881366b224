#pragma once
#include "twistdpp/endpoints/endpoint_kind.h"

#include <memory>
#include <optional>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace twistdpp::detail {

/// Why descriptor `fd` cannot be listened on; nothing when it can. `family` is AF_INET or the like, AF_UNSPEC
/// for any.
std::optional<std::string> whyNotListening(int fd, int family);

/// An endpoint on a socket that listens already. Each listen() takes a duplicate, so that several reactors
/// may share it.
std::unique_ptr<ServerEndpoint> makeInheritedEndpoint(Reactor& reactor, int fd);

/// Descriptors with their names that a service manager passed on (sd_listen_fds(3)), from the values of
/// LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES; nullptr for one that is not set.
Result<std::vector<std::pair<int, std::string>>>
listenFds(const char* pid, const char* count, const char* names, pid_t self);

} // namespace twistdpp::detail
