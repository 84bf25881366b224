#pragma once
#include "twistdpp/service_mail/mail_config.h"

#include "twistdpp/app/service.h"
#include "twistdpp/app/service_maker.h"
#include "twistdpp/imap_server/imap_server.h"
#include "twistdpp/pop3/pop3_server.h"
#include "twistdpp/smtp/smtp_server.h"
#include "twistdpp/tls/reloadable_context.h"

#include <memory>
#include <span>
#include <string>
#include <vector>

/// What every kind of mail server does with its options in the same way.
namespace twistdpp::mail {

/// The certificate of --tls-cert; nullptr when there is none.
Result<std::shared_ptr<ReloadableTlsContext>> makeTls(const MailConfig& config);

/// All but the handler.
std::shared_ptr<smtp::ServerOptions> makeSmtpOptions(
    const MailConfig& config, const std::shared_ptr<ReloadableTlsContext>& tls, const Authenticator& accounts
);
/// All but what opens a drop.
std::shared_ptr<pop3::ServerOptions> makePop3Options(
    const MailConfig& config, const std::shared_ptr<ReloadableTlsContext>& tls, const Authenticator& accounts
);

/// All but what opens an account.
std::shared_ptr<imap::ServerOptions> makeImapOptions(
    const MailConfig& config, const std::shared_ptr<ReloadableTlsContext>& tls, const Authenticator& accounts
);

/// Listens on the option's endpoints; on none when there are none. The error names the option.
Result<void> addPort(
    MultiService& listeners, ServiceContext& context, const std::string& option,
    const std::vector<std::string>& endpoints, std::shared_ptr<Factory> factory
);
/// The ports of --smtp, --submission and --pop3.
Result<void> addMailPorts(
    MultiService& listeners, ServiceContext& context, const MailConfig& config,
    const std::shared_ptr<const smtp::ServerOptions>& smtpOptions,
    const std::shared_ptr<const pop3::ServerOptions>& pop3Options
);

/// The port of --imap.
Result<void> addImapPort(
    MultiService& listeners, ServiceContext& context, const MailConfig& config,
    const std::shared_ptr<const imap::ServerOptions>& options
);

/// Reads the certificate anew. Fails when an option was changed, as all need a restart.
Deferred<void> reloadCertificate(
    ServiceContext& context, const std::shared_ptr<ReloadableTlsContext>& tls,
    std::span<const std::string> changed
);

} // namespace twistdpp::mail
