#pragma once
#include "twistdpp/ftp_server/server_options.h"
#include "twistdpp/service_ftp/ftp_config.h"

#include "twistdpp/app/service.h"
#include "twistdpp/app/service_maker.h"
#include "twistdpp/tls/reloadable_context.h"

#include <memory>
#include <span>
#include <string>

namespace twistdpp::ftp {

/// `twistdpp ftp`: files for those who log in, and for those whom nobody knows. It lives on one reactor,
/// since its sessions share the limits.
class FtpService final : public Service {
public:
    /// Checks everything that can be checked before a port is bound.
    static Result<std::unique_ptr<Service>> make(const FtpConfig& config, ServiceContext& context);

    Deferred<void> privilegedStart() override { return listeners_.privilegedStart(); }
    Deferred<void> start() override { return listeners_.start(); }
    Deferred<void> stop(Drain drain) override { return listeners_.stop(drain); }
    /// Certificates and password files are read anew; what the options say needs a restart.
    Deferred<void> reload(const ServiceConfig& fresh, std::span<const std::string> changed) override;
    std::string busyWith() const override { return listeners_.busyWith(); }

private:
    explicit FtpService(ServiceContext& context) : context_(context) {}
    Result<void> setUp(const FtpConfig& config);

    ServiceContext& context_;
    std::shared_ptr<ReloadableTlsContext> tls_;
    MultiService listeners_;
};

} // namespace twistdpp::ftp
