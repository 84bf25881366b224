#pragma once
#include "twistdpp/service_mail/mail_config.h"

#include "twistdpp/app/service.h"
#include "twistdpp/app/service_maker.h"
#include "twistdpp/mail_relay/relay.h"
#include "twistdpp/mail_server/domains.h"
#include "twistdpp/mail_server/local_delivery.h"
#include "twistdpp/mail_server/mail_drop.h"
#include "twistdpp/reactor/file_lock.h"
#include "twistdpp/tls/reloadable_context.h"

#include <memory>
#include <optional>
#include <span>
#include <string>

namespace twistdpp::mail {

/// `twistdpp mail`: SMTP and POP3 over the Maildirs of some domains. It lives on one reactor, since its
/// sessions share what is open.
class MailService final : public Service {
public:
    /// Checks everything that can be checked before a port is bound.
    static Result<std::unique_ptr<Service>> make(const MailConfig& config, ServiceContext& context);

    Deferred<void> privilegedStart() override { return listeners_.privilegedStart(); }
    /// Makes the domains' folders, and the users of --user; reads the relay's queue.
    Deferred<void> start() override;
    Deferred<void> stop(Drain drain) override;
    /// Certificates are read anew, and users are at any time; what the options say needs a restart.
    Deferred<void> reload(const ServiceConfig& fresh, std::span<const std::string> changed) override;
    std::string busyWith() const override { return listeners_.busyWith(); }

private:
    explicit MailService(ServiceContext& context) : context_(context) {}
    Result<void> setUp(const MailConfig& config);
    Result<void> setUpRelay(const MailConfig& config);
    Deferred<void> openQueue();
    void startRelay(std::unique_ptr<SpoolFiles> files, std::vector<SpoolFiles::Found> found);

    ServiceContext& context_;
    std::vector<Domain> folders_; // to be made
    std::vector<MailConfig::User> users_;
    std::unique_ptr<Domains> domains_;
    std::shared_ptr<Deliveries> deliveries_;
    std::unique_ptr<OpenDrops> drops_;
    std::shared_ptr<ReloadableTlsContext> tls_;
    std::string queue_; // the relay's folder; empty: there is none
    RelayOptions sending_;
    std::optional<Routes> routes_;
    std::optional<FileLock> queueLock_;
    std::unique_ptr<Relay> relay_;
    std::unique_ptr<Port> control_;
    MultiService listeners_;
};

} // namespace twistdpp::mail
