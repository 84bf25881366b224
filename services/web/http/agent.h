#pragma once
#include "twistdpp/http/client_body.h"
#include "twistdpp/http/client_errors.h"
#include "twistdpp/http/client_response.h"
#include "twistdpp/http/connection_pool.h"
#include "twistdpp/http/header_list.h"

#include "twistdpp/base/time.h"
#include "twistdpp/defer/deferred.h"
#include "twistdpp/reactor/connect_host.h"

#include <cstddef>
#include <memory>
#include <string>

namespace twistdpp {
class ContextFactory;
class Reactor;
} // namespace twistdpp

namespace twistdpp::http {

/// How an Agent goes about its requests.
struct AgentOptions {
    AgentOptions() = default;
    explicit AgentOptions(std::shared_ptr<const ContextFactory> context) : tls(std::move(context)) {}

    std::shared_ptr<const ContextFactory> tls; ///< for https, which is refused without it
    PoolLimits pool;
    ClientTimes times;
    HostResolver resolve;    ///< for hosts' names, in place of the reactor's; may be empty
    Duration wholeTime{0};   ///< for a request with redirects and all of its answer; zero: no limit
    unsigned redirects = 10; ///< how many are followed; 0: the redirect itself is the answer
    bool decode = true;      ///< ask for gzip, deflate and br, and take them off
    std::string userAgent = "twistdpp"; ///< empty: the field is not sent
};

/// An HTTP/1.1 client: Twisted's Agent. It keeps connections for the next request to the same origin, and
/// sends a request again, once, when a kept connection turns out to be dead before any byte of an answer and
/// the request is idempotent (RFC 9110 9.2.2). Belongs to its reactor's thread and must not outlive it;
/// requests in progress go on without their Agent.
///
///     Agent agent(reactor);
///     ResponsePtr response = co_await agent.request("GET", "http://localhost:8080/");
///     std::string text = co_await response->body();
class Agent {
public:
    explicit Agent(Reactor& reactor, AgentOptions options = AgentOptions());
    ~Agent();
    Agent(const Agent&) = delete;
    Agent& operator=(const Agent&) = delete;

    /// Fires with the answer, whatever its status, when its head is there. `headers` may hold all but the
    /// fields that are the client's: Content-Length, Transfer-Encoding, Connection (but for "close") and
    /// their kin. An own Accept-Encoding means that nothing is decoded.
    ///
    /// Redirects: 303 becomes GET, as do 301 and 302 of POST; otherwise method and body stay (RFC 9110
    /// 15.4). To another origin Authorization, Cookie and Host do not go along. From https to http none is
    /// followed.
    ///
    /// Fails with an error of client_errors.h or of the layers below. Cancelling closes the connection.
    Deferred<ResponsePtr>
    request(std::string method, std::string url, HeaderList headers = {}, RequestBody body = {});

    /// The body of a GET; fails with an HttpError for a 4xx or 5xx.
    Deferred<std::string> getPage(std::string url, std::size_t most = Response::kMostBody);

    /// Connections that wait for a request.
    std::size_t idleConnections() const noexcept;
    void closeIdleConnections();

private:
    struct State;
    class Request;

    std::shared_ptr<State> state_;
};

/// Agent::getPage() for a single page, on a connection of its own.
Deferred<std::string> getPage(Reactor& reactor, std::string url, AgentOptions options = AgentOptions());

} // namespace twistdpp::http
