#pragma once
#include "twistdpp/base/time.h"
#include "twistdpp/net/prefix.h"
#include "twistdpp/net/proxy_header.h"
#include "twistdpp/reactor/protocol.h"
#include "twistdpp/reactor/transport.h"

#include <functional>
#include <memory>
#include <vector>

namespace twistdpp {

/// How a server reads PROXY headers.
struct ProxyServerOptions {
    /// Trusts loopback and unix sockets.
    ProxyServerOptions();

    /// What becomes of a connection from an address that may not speak for others.
    enum class Untrusted {
        refuse, // closed at once
        direct, // served as what it is: no header is looked for
    };
    enum class Accept { any, v1, v2 };

    std::vector<Prefix> trusted;
    bool trustUnix = true;
    Untrusted untrusted = Untrusted::refuse;
    Accept accept = Accept::any;
    Duration timeout = std::chrono::seconds(5); // for the header to come; zero: for ever
};

/// `inner` behind load balancers: each connection begins with a PROXY header of either version, and the
/// factory is asked for a protocol, whose transport tells the client's address, once it is read. A connection
/// with no header or a broken one, or whose header does not come in time, is aborted; why is logged under
/// "net.proxy". Goes below TLS, as the header comes before the handshake.
std::shared_ptr<Factory> acceptProxyHeader(std::shared_ptr<Factory> inner, ProxyServerOptions options = {});

/// The header that came with a connection, given the transport of the protocol right above it; nullptr for
/// any other transport, and for a connection that was served directly.
const ProxyHeader* proxyHeader(const Transport& transport) noexcept;

/// For clients, balancers above all: sends a header before all else. `describe` makes it for each connection;
/// the default tells of the connection itself.
std::shared_ptr<Factory> sendProxyHeader(
    std::shared_ptr<Factory> inner, ProxyVersion version,
    std::function<ProxyHeader(const Transport&)> describe = {}
);

} // namespace twistdpp
