#pragma once
#include "twistdpp/http/client_connection.h"
#include "twistdpp/http/client_url.h"
#include "twistdpp/http/parse_result.h"

#include "twistdpp/base/time.h"
#include "twistdpp/defer/deferred.h"
#include "twistdpp/reactor/connect_host.h"

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace twistdpp {
class ContextFactory;
class Reactor;
} // namespace twistdpp

namespace twistdpp::http {

/// How many connections a client holds, and for how long.
struct PoolLimits {
    PoolLimits() = default;
    std::size_t perHost = 6;                         ///< connections to one origin; other requests wait
    std::size_t idle = 64;                           ///< connections in all that wait for a request
    Duration idleTime = std::chrono::seconds(240);   ///< how long one waits
    Duration connectTime = std::chrono::seconds(30); ///< for the look-up and all addresses of a host
    HeadLimits head;                                 ///< of the answers
};

/// The connections of one client, by origin. Each request borrows one: an idle one, the youngest first, or a
/// new one while there are fewer than PoolLimits::perHost, or it waits its turn. Shared, as connections and
/// requests in progress may outlive the client; belongs to its reactor's thread.
class ConnectionPool final : public ConnectionOwner, public std::enable_shared_from_this<ConnectionPool> {
public:
    /// A connection to send one request on, at once. `slot` is the right to it: it goes into the ClientOrder.
    struct Lent {
        Lent(ClientConnection& c, std::shared_ptr<void> s, bool r)
            : connection(&c), slot(std::move(s)), reused(r) {}
        ClientConnection* connection;
        std::shared_ptr<void> slot;
        bool reused; ///< the server may have closed it in the meantime
    };

    ConnectionPool(
        Reactor& reactor, std::shared_ptr<const ContextFactory> tls, const PoolLimits& limits,
        HostResolver resolve
    );
    ~ConnectionPool();

    /// `fresh`: only a new connection will do, and the idle ones of that origin are not trusted any more.
    /// Fails as connectHost() does. Cancelling gives up.
    Deferred<Lent> take(ClientUrl url, bool fresh);
    /// Closes what is idle.
    void closeIdle();
    /// The same, and keeps no connection from now on.
    void close();
    std::size_t idle() const noexcept { return idle_.size(); }

    bool connectionIdle(ClientConnection& connection) override;
    void connectionGone(ClientConnection& connection) noexcept override;

private:
    struct Host;
    struct Slot;

    static Deferred<Lent> lend(std::shared_ptr<ConnectionPool> self, ClientUrl url, bool fresh);
    std::shared_ptr<Host> hostOf(const std::string& origin);
    ClientConnection* takeIdle(const std::string& origin);
    Deferred<ClientConnection*> connect(const ClientUrl& url);

    Reactor& reactor_;
    std::shared_ptr<const ContextFactory> tls_;
    PoolLimits limits_;
    HostResolver resolve_;
    std::map<std::string, std::weak_ptr<Host>> hosts_; // those that requests are at, or wait for
    std::vector<ClientConnection*> idle_;              // the oldest first
    bool closed_ = false;
};

} // namespace twistdpp::http
