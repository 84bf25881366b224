#pragma once
#include "twistdpp/dns_resolver/client.h"
#include "twistdpp/reactor/reactor.h"

#include <memory>

namespace twistdpp::dns {

/// Looks up host names for a reactor with a Client, in place of getaddrinfo and its threads:
///
///     reactor.installResolver(dns::makeHostResolver(*dns::Client::system(reactor)));
std::shared_ptr<NameResolver> makeHostResolver(Client client);

} // namespace twistdpp::dns
