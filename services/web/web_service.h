#pragma once
#include "twistdpp/service_web/web_config.h"

#include "twistdpp/app/access_log.h"
#include "twistdpp/app/service.h"
#include "twistdpp/app/service_maker.h"
#include "twistdpp/endpoints/server_endpoint.h"
#include "twistdpp/http/site.h"

#include <memory>
#include <vector>

namespace twistdpp::web {

/// `twistdpp web` on one reactor.
class WebService final : public Service {
public:
    /// Checks everything that can be checked before a port is bound.
    static Result<std::unique_ptr<Service>> make(const WebConfig& config, ServiceContext& context);

    Deferred<void> privilegedStart() override;
    Deferred<void> stop(Drain drain) override;
    Deferred<void> reload(const ServiceConfig& fresh, std::span<const std::string> changed) override;
    std::string busyWith() const override;

private:
    explicit WebService(ServiceContext& context) : context_(context) {}
    static Result<std::shared_ptr<http::Resource>> makeRoot(const WebConfig& config, Reactor& reactor);
    static Result<std::unique_ptr<AccessLog>> openLog(const WebConfig& config, Reactor& reactor);
    void useLog(std::unique_ptr<AccessLog> log);

    ServiceContext& context_;
    std::shared_ptr<http::Site> site_;
    std::unique_ptr<AccessLog> log_;
    std::vector<std::unique_ptr<ServerEndpoint>> endpoints_;
    std::vector<std::unique_ptr<Port>> ports_;
    Timer deadline_;
};

} // namespace twistdpp::web
