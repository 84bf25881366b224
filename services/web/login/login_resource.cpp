#include "twistdpp/service_web/login/login_resource.h"

#include "twistdpp/cred/credentials.h"
#include "twistdpp/cred/errors.h"
#include "twistdpp/defer/errors.h"
#include "twistdpp/http/known_header.h"
#include "twistdpp/http/site.h"

#include <utility>

namespace twistdpp::web {

LoginResource::LoginResource(Reactor& reactor, CheckerSet checkers, Open open, Logger log)
    : reactor_(reactor), accounts_(reactor, std::move(checkers)), open_(std::move(open)),
      log_(std::move(log)) {}

void LoginResource::ask(http::Request& request) {
    request.responseHeaders().set("WWW-Authenticate", "Basic realm=\"files\", charset=\"UTF-8\"");
    request.respondError(401);
}

void LoginResource::refuse(http::Request& request, const Failure& why) {
    if (why.check<UnauthorizedLogin>() || why.check<UnhandledCredentials>())
        return ask(request);
    if (const auto* const throttled = why.as<LoginThrottled>()) {
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(throttled->retryAfter()).count();
        request.responseHeaders().set("Retry-After", std::to_string(seconds));
        return request.respondError(429, "There were too many wrong passwords before.");
    }
    if (!why.check<CheckerUnavailable>())
        why.raise();
    request.respondError(503, "Nobody can log in now.");
}

void LoginResource::serve(const http::RequestPtr& request, const KnownLogins::Login& login) {
    request->setUser(login.user);
    request->site().dispatchIn(login.site, request);
}

void LoginResource::render(const http::RequestPtr& request) {
    const auto field = request->head().headers().find(http::KnownHeader::authorization);
    auto credentials = field ? basicCredentials(*field) : std::nullopt;
    if (!credentials)
        return ask(*request);
    if (const auto* known = known_.find(*credentials, reactor_.now()))
        return serve(request, *known);
    request->keepHead();
    logIn(request, *std::move(credentials))
        .addErrback([request](const Failure& why) {
            if (!why.check<CancelledError>() && !request->isFinished())
                request->fail(why.message());
        })
        .detach();
}

Deferred<void> LoginResource::logIn(http::RequestPtr request, BasicCredentials credentials) {
    const UsernamePassword given(credentials.user, credentials.password.bytes());
    auto looking = accounts_.login(given, LoginSource(request->peer(), "web"));
    const Outcome<AvatarId> found = co_await std::move(looking).outcome();
    if (!found.ok()) {
        refuse(*request, found.failure());
        co_return;
    }
    auto opening = open_(found.value());
    const Outcome<std::shared_ptr<http::Resource>> opened = co_await std::move(opening).outcome();
    if (!opened.ok()) {
        if (opened.failure().check<CancelledError>())
            opened.failure().raise();
        log_.error("{}: {}", credentials.user, opened.failure().message());
        request->respondError(403, "There are no files of yours here.");
        co_return;
    }
    const KnownLogins::Login login{credentials.user, opened.value()};
    known_.add(credentials, login, reactor_.now());
    serve(request, login);
}

} // namespace twistdpp::web
