#pragma once
#include "twistdpp/service_mail/mail_config.h"

#include "twistdpp/app/service.h"
#include "twistdpp/app/service_maker.h"
#include "twistdpp/http/site.h"
#include "twistdpp/mail_sink/catcher_site.h"
#include "twistdpp/mail_sink/catching_handler.h"
#include "twistdpp/tls/reloadable_context.h"

#include <memory>
#include <span>
#include <string>

namespace twistdpp::mail {

/// `twistdpp mail --sink`: SMTP, POP3 and a page over what was caught. It lives on one reactor.
class SinkService final : public Service {
public:
    static Result<std::unique_ptr<Service>> make(const MailConfig& config, ServiceContext& context);

    Deferred<void> privilegedStart() override { return listeners_.privilegedStart(); }
    Deferred<void> start() override { return listeners_.start(); }
    Deferred<void> stop(Drain drain) override;
    Deferred<void> reload(const ServiceConfig& fresh, std::span<const std::string> changed) override;
    std::string busyWith() const override { return listeners_.busyWith(); }

private:
    explicit SinkService(ServiceContext& context) : context_(context) {}
    Result<void> setUp(const MailConfig& config);

    ServiceContext& context_;
    std::shared_ptr<Sink> sink_;
    std::shared_ptr<CatcherSite> page_;
    std::shared_ptr<http::Site> site_;
    std::shared_ptr<ReloadableTlsContext> tls_;
    MultiService listeners_;
    Timer deadline_;
};

} // namespace twistdpp::mail
