#include "twistdpp/http/connection_pool.h"

#include "twistdpp/defer/semaphore.h"

#include "twistdpp/reactor/context_factory.h"
#include "twistdpp/reactor/reactor.h"

#include <algorithm>
#include <utility>

namespace twistdpp::http {

/// The right to so many connections to one origin.
struct ConnectionPool::Host {
    explicit Host(std::size_t connections) : tokens(connections) {}
    Semaphore tokens;
};

struct ConnectionPool::Slot {
    Slot(std::shared_ptr<Host> h, Semaphore::Permit p) : host(std::move(h)), permit(std::move(p)) {}
    std::shared_ptr<Host> host; // outlives the permit
    Semaphore::Permit permit;
};

ConnectionPool::ConnectionPool(
    Reactor& reactor, std::shared_ptr<const ContextFactory> tls, const PoolLimits& limits,
    HostResolver resolve
)
    : reactor_(reactor), tls_(std::move(tls)), limits_(limits), resolve_(std::move(resolve)) {
    limits_.perHost = std::max<std::size_t>(limits_.perHost, 1);
}

ConnectionPool::~ConnectionPool() {
    close();
}

Deferred<ConnectionPool::Lent> ConnectionPool::take(ClientUrl url, bool fresh) {
    return lend(shared_from_this(), std::move(url), fresh);
}

Deferred<ConnectionPool::Lent>
ConnectionPool::lend(std::shared_ptr<ConnectionPool> self, ClientUrl url, bool fresh) {
    const std::string origin = url.origin();
    const std::shared_ptr<Host> host = self->hostOf(origin);
    Semaphore::Permit permit = co_await host->tokens.acquire();
    auto slot = std::make_shared<Slot>(host, std::move(permit));
    // Idle connections and those at work are never more than the tokens: a new one is made only when none is
    // idle.
    if (ClientConnection* reused = self->takeIdle(origin)) {
        if (!fresh)
            co_return Lent(*reused, std::move(slot), true);
        do
            reused->close();
        while ((reused = self->takeIdle(origin)));
    }
    ClientConnection* const made = co_await self->connect(url);
    co_return Lent(*made, std::move(slot), false);
}

std::shared_ptr<ConnectionPool::Host> ConnectionPool::hostOf(const std::string& origin) {
    std::erase_if(hosts_, [](const auto& entry) { return entry.second.expired(); });
    auto& known = hosts_[origin];
    auto host = known.lock();
    if (!host)
        known = host = std::make_shared<Host>(limits_.perHost);
    return host;
}

ClientConnection* ConnectionPool::takeIdle(const std::string& origin) {
    const auto youngest = std::find_if(idle_.rbegin(), idle_.rend(), [&](ClientConnection* c) {
        return c->origin() == origin;
    });
    if (youngest == idle_.rend())
        return nullptr;
    ClientConnection* const connection = *youngest;
    idle_.erase(std::next(youngest).base());
    return connection;
}

Deferred<ClientConnection*> ConnectionPool::connect(const ClientUrl& url) {
    const auto made = std::make_shared<ClientConnection*>(nullptr);
    auto factory =
        makeFactory([self = shared_from_this(), url, made](const Address&) -> std::unique_ptr<Protocol> {
            auto connection =
                std::make_unique<ClientConnection>(self->reactor_, url.origin(), self, self->limits_.head);
            *made = connection.get();
            if (!url.secure())
                return connection;
            return self->tls_->clientProtocol(std::move(connection), url.host());
        });
    ConnectHostOptions options;
    options.timeout = limits_.connectTime;
    options.resolve = resolve_;
    return connectHost(reactor_, url.host(), url.port(), std::move(factory), options)
        .addCallback([made](Transport* transport) {
            (*made)->setLower(*transport);
            return *made;
        });
}

bool ConnectionPool::connectionIdle(ClientConnection& connection) {
    if (closed_ || limits_.idle == 0)
        return false;
    if (idle_.size() >= limits_.idle) {
        ClientConnection* const oldest = idle_.front();
        idle_.erase(idle_.begin());
        oldest->close();
    }
    idle_.push_back(&connection);
    connection.waitIdle(limits_.idleTime);
    return true;
}

void ConnectionPool::connectionGone(ClientConnection& connection) noexcept {
    std::erase(idle_, &connection);
}

void ConnectionPool::closeIdle() {
    for (ClientConnection* connection : std::exchange(idle_, {}))
        connection->close();
}

void ConnectionPool::close() {
    closed_ = true;
    closeIdle();
}

} // namespace twistdpp::http
