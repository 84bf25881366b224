#pragma once
#include "twistdpp/service_web/login/known_logins.h"

#include "twistdpp/app/logger.h"
#include "twistdpp/cred/authenticator.h"
#include "twistdpp/defer/deferred.h"
#include "twistdpp/http/resource.h"

#include <functional>
#include <memory>

namespace twistdpp::web {

/// Stands before a site and asks everybody for name and password (RFC 7617), which a browser asks its user
/// for. Who has logged in is served from the tree that `open` gives for that user. Wrong passwords slow down
/// and are logged as those of all services are.
class LoginResource final : public http::Resource {
public:
    /// The tree of one who has logged in. Fails with what the log is to say of it; 403 is answered then.
    using Open = std::function<Deferred<std::shared_ptr<http::Resource>>(const AvatarId& who)>;

    LoginResource(Reactor& reactor, CheckerSet checkers, Open open, Logger log);

    bool isLeaf() const noexcept override { return true; }
    void render(const http::RequestPtr& request) override;

private:
    Deferred<void> logIn(http::RequestPtr request, BasicCredentials credentials);
    static void ask(http::Request& request);
    static void refuse(http::Request& request, const Failure& why);
    static void serve(const http::RequestPtr& request, const KnownLogins::Login& login);

    Reactor& reactor_;
    Authenticator accounts_;
    Open open_;
    Logger log_;
    KnownLogins known_;
};

} // namespace twistdpp::web
