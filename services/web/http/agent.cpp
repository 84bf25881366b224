#include "twistdpp/http/agent.h"

#include "twistdpp/http/client_plan.h"

#include "twistdpp/defer/errors.h"
#include "twistdpp/reactor/reactor.h"
#include "twistdpp/reactor/sleep.h"

#include <optional>
#include <utility>

namespace twistdpp::http {

namespace {

constexpr std::size_t kWorthReading = 64 * 1024; // of a body nobody wants, to keep its connection
constexpr std::size_t kErrorPage = 64 * 1024;    // of a failed page, for who wants to show it

/// The first `most` bytes of a body, or what came of it: for answers whose body is not the point.
Deferred<std::string> beginningOf(ResponsePtr response, std::size_t most) {
    std::string text;
    while (text.size() < most) {
        const auto piece = co_await response->readBody().outcome();
        if (!piece.ok() || piece.value().empty())
            break;
        text += piece.value();
    }
    text.resize(std::min(text.size(), most));
    co_return text;
}

} // namespace

struct Agent::State {
    State(Reactor& r, AgentOptions o)
        : reactor(r), options(std::move(o)),
          pool(std::make_shared<ConnectionPool>(reactor, options.tls, options.pool, options.resolve)) {}

    Reactor& reactor;
    AgentOptions options;
    std::shared_ptr<ConnectionPool> pool;
};

/// The steps of one request. It lives in the coroutine that takes them.
class Agent::Request {
public:
    Request(std::shared_ptr<State> state, ClientPlan plan)
        : state_(std::move(state)), plan_(std::move(plan)) {
        if (state_->options.wholeTime > Duration(0))
            deadline_ = state_->reactor.now() + state_->options.wholeTime;
    }

    static Deferred<ResponsePtr> run(Request self);
    static Deferred<std::string> page(Deferred<ResponsePtr> answer, std::size_t most);

private:
    Deferred<ConnectionPool::Lent> connection(bool fresh);

    std::shared_ptr<State> state_;
    ClientPlan plan_;
    std::optional<TimePoint> deadline_;
};

Deferred<ConnectionPool::Lent> Agent::Request::connection(bool fresh) {
    auto taken = state_->pool->take(plan_.url(), fresh);
    if (!deadline_ || taken.called())
        return taken;
    const Duration left = std::max(*deadline_ - state_->reactor.now(), Duration(0));
    return withTimeout(state_->reactor, left, std::move(taken))
        .addErrback([url = plan_.url().toString()](const Failure& why) -> Deferred<ConnectionPool::Lent> {
            if (why.check<TimeoutError>())
                return Failure(TimeoutError(url + " could not be asked in the time given"));
            return why;
        });
}

Deferred<ResponsePtr> Agent::Request::run(Request self) {
    const AgentOptions& options = self.state_->options;
    unsigned redirects = 0;
    bool fresh = false;
    for (;;) {
        if (self.plan_.url().secure() && !options.tls)
            co_return Failure(RequestError(
                "cannot ask " + self.plan_.url().origin() + ": this client was given no TLS context"
            ));
        auto lent = co_await self.connection(fresh).outcome();
        if (!lent.ok())
            co_return std::move(lent).failure();
        ClientOrder order = self.plan_.order(options.userAgent, options.decode);
        order.times = options.times;
        order.deadline = self.deadline_;
        order.slot = std::move(lent.value().slot);
        auto answer = co_await lent.value().connection->exchange(std::move(order)).outcome();
        if (!answer.ok()) {
            const bool dead = answer.failure().check<ResponseNeverReceived>() && lent.value().reused;
            if (!dead || fresh || !self.plan_.repeatable())
                co_return std::move(answer).failure();
            fresh = true;
            continue;
        }
        ResponsePtr response = std::move(answer).value();
        const auto location = response->headers().get("Location");
        if (options.redirects == 0 || !location || !ClientPlan::isRedirect(response->status()))
            co_return response;
        const std::string from = response->url();
        if (redirects++ == options.redirects)
            co_return Failure(RedirectError(from + " leads from redirect to redirect"));
        if (const auto problem = self.plan_.follow(response->status(), *location))
            co_return Failure(RedirectError("the redirect of " + from + " is not followed: " + *problem));
        co_await beginningOf(response, kWorthReading);
        fresh = false;
    }
}

Deferred<std::string> Agent::Request::page(Deferred<ResponsePtr> answer, std::size_t most) {
    const ResponsePtr response = co_await std::move(answer);
    if (response->status() < 400)
        co_return co_await response->body(most);
    std::string text = co_await beginningOf(response, kErrorPage);
    co_return Failure(HttpError(response->status(), response->reason(), response->url(), std::move(text)));
}

Agent::Agent(Reactor& reactor, AgentOptions options)
    : state_(std::make_shared<State>(reactor, std::move(options))) {}

Agent::~Agent() {
    state_->pool->close();
}

Deferred<ResponsePtr>
Agent::request(std::string method, std::string url, HeaderList headers, RequestBody body) {
    auto where = ClientUrl::parse(url);
    if (!where)
        return Failure(RequestError(where.error().message()));
    ClientPlan plan(std::move(method), *std::move(where), std::move(headers), std::move(body));
    if (auto problem = plan.problem())
        return Failure(RequestError(*problem));
    return Request::run(Request(state_, std::move(plan)));
}

Deferred<std::string> Agent::getPage(std::string url, std::size_t most) {
    return Request::page(request("GET", std::move(url)), most);
}

std::size_t Agent::idleConnections() const noexcept {
    return state_->pool->idle();
}

void Agent::closeIdleConnections() {
    state_->pool->closeIdle();
}

Deferred<std::string> getPage(Reactor& reactor, std::string url, AgentOptions options) {
    // The request goes on without its Agent, whose end sees to it that no connection is kept.
    return Agent(reactor, std::move(options)).getPage(std::move(url));
}

} // namespace twistdpp::http
