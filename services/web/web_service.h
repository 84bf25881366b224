#pragma once
#include "twistdpp/service_web/web_config.h"

#include "twistdpp/app/access_log.h"
#include "twistdpp/app/metrics.h"
#include "twistdpp/app/service.h"
#include "twistdpp/app/service_maker.h"
#include "twistdpp/http/site.h"

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace twistdpp::web {

/// `twistdpp web` on one reactor: a Site behind the endpoints that the options name.
class WebService final : public Service {
public:
    /// Checks everything that can be checked before a port is bound.
    static Result<std::unique_ptr<Service>> make(const WebConfig& config, ServiceContext& context);

    Deferred<void> privilegedStart() override;
    Deferred<void> start() override { return listeners_->start(); }
    Deferred<void> stop(Drain drain) override;
    /// Takes a new root, headers, time limits and access log, all or nothing; what is being served goes on
    /// from the old ones.
    Deferred<void> reload(const ServiceConfig& fresh, std::span<const std::string> changed) override;
    std::string busyWith() const override;

private:
    explicit WebService(ServiceContext& context) : context_(context) {}
    /// What answers are made of, made beside what is in use.
    struct Content {
        std::shared_ptr<http::Resource> root;
        std::vector<std::pair<std::string, std::string>> headers;
        std::string serverName;
        http::SiteLimits limits;
    };
    static Result<Content> makeContent(const WebConfig& config, Reactor& reactor, const Logger& log);
    void use(Content content);
    /// nullptr for an empty path.
    Result<std::unique_ptr<AccessLog>> openLog(const std::string& path);
    void account(const http::AccessRecord& record);

    ServiceContext& context_;
    std::shared_ptr<http::Site> site_;
    std::unique_ptr<Service> listeners_;
    std::string logFile_;
    std::unique_ptr<AccessLog> log_;
    Counter* requests_ = nullptr;
    Counter* bytes_ = nullptr;
    Timer deadline_;
};

} // namespace twistdpp::web
