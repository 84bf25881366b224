#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/reactor/address.h"

#include <span>

namespace twistdpp::dns {

/// Whether what is sent to `target` comes to a server that listens at `listening`: the same address, or the
/// same port of an address of this host when it listens on all of them.
bool reachesOwn(const Address& target, const Address& listening);

/// An error that names the first of `servers` that is one of `listening` itself.
Result<void> refuseOwn(std::span<const Address> servers, std::span<const Address> listening);

} // namespace twistdpp::dns
