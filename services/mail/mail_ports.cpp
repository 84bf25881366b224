#include "twistdpp/service_mail/mail_ports.h"

#include "twistdpp/app/serve_endpoint.h"
#include "twistdpp/app/service_error.h"
#include "twistdpp/app/start_folder.h"

namespace twistdpp::mail {

namespace {

/// Without a certificate there is no better way.
bool passwordsInClear(const MailConfig& config, const std::shared_ptr<ReloadableTlsContext>& tls) {
    return config.clearPasswords || !tls;
}

} // namespace

Result<std::shared_ptr<ReloadableTlsContext>> makeTls(const MailConfig& config) {
    if (config.certificate.empty())
        return std::shared_ptr<ReloadableTlsContext>();
    const std::string key = config.privateKey.empty() ? config.certificate : config.privateKey;
    auto made = ReloadableTlsContext::make(
        ServerTlsOptions(TlsIdentity::files(fromStartFolder(config.certificate), fromStartFolder(key)))
    );
    if (!made)
        return std::move(made).error().within("option --tls-cert");
    return made;
}

std::shared_ptr<smtp::ServerOptions> makeSmtpOptions(
    const MailConfig& config, const std::shared_ptr<ReloadableTlsContext>& tls, const Authenticator& accounts
) {
    auto options = std::make_shared<smtp::ServerOptions>();
    options->hostname = config.hostname;
    options->maxSize = config.maxSize;
    options->maxRecipients = config.maxRecipients;
    options->commandTimeout = config.timeout;
    options->extended = config.esmtp;
    options->loginNeeded = config.disableAnonymous;
    options->passwordsInClear = passwordsInClear(config, tls);
    options->tls = tls;
    options->accounts.emplace(accounts);
    return options;
}

std::shared_ptr<pop3::ServerOptions> makePop3Options(
    const MailConfig& config, const std::shared_ptr<ReloadableTlsContext>& tls, const Authenticator& accounts
) {
    auto options = std::make_shared<pop3::ServerOptions>();
    options->hostname = config.hostname;
    options->passwordsInClear = passwordsInClear(config, tls);
    options->tls = tls;
    options->accounts.emplace(accounts);
    return options;
}

std::shared_ptr<imap::ServerOptions> makeImapOptions(
    const MailConfig& config, const std::shared_ptr<ReloadableTlsContext>& tls, const Authenticator& accounts
) {
    auto options = std::make_shared<imap::ServerOptions>();
    options->hostname = config.hostname;
    options->maxSize = config.maxSize;
    options->passwordsInClear = passwordsInClear(config, tls);
    options->tls = tls;
    options->accounts.emplace(accounts);
    return options;
}

Result<void> addPort(
    MultiService& listeners, ServiceContext& context, const std::string& option,
    const std::vector<std::string>& endpoints, std::shared_ptr<Factory> factory
) {
    if (endpoints.empty())
        return {};
    auto made = serveEndpoints(context, endpoints, std::move(factory));
    if (!made)
        return std::move(made).error().within("option --" + option);
    listeners.add(option, *std::move(made));
    return {};
}

Result<void> addMailPorts(
    MultiService& listeners, ServiceContext& context, const MailConfig& config,
    const std::shared_ptr<const smtp::ServerOptions>& smtpOptions,
    const std::shared_ptr<const pop3::ServerOptions>& pop3Options
) {
    auto smtpFactory = makeFactory([smtpOptions, log = context.log](const Address&) {
        return std::make_unique<smtp::SmtpServer>(smtpOptions, log);
    });
    auto made = addPort(listeners, context, "smtp", config.smtpEndpoints(), std::move(smtpFactory));
    if (!made)
        return made;
    const auto submissionOptions = std::make_shared<smtp::ServerOptions>(*smtpOptions);
    submissionOptions->submission = true;
    submissionOptions->loginNeeded = true;
    auto submissionFactory =
        makeFactory([options = std::shared_ptr<const smtp::ServerOptions>(submissionOptions),
                     log = context.log](const Address&) {
            return std::make_unique<smtp::SmtpServer>(options, log);
        });
    made =
        addPort(listeners, context, "submission", config.submissionEndpoints(), std::move(submissionFactory));
    if (!made)
        return made;
    auto pop3Factory = makeFactory([pop3Options, log = context.log](const Address&) {
        return std::make_unique<pop3::Pop3Server>(pop3Options, log);
    });
    return addPort(listeners, context, "pop3", config.pop3Endpoints(), std::move(pop3Factory));
}

Result<void> addImapPort(
    MultiService& listeners, ServiceContext& context, const MailConfig& config,
    const std::shared_ptr<const imap::ServerOptions>& options
) {
    auto factory = makeFactory([options, log = context.log](const Address&) {
        return std::make_unique<imap::ImapServer>(options, log);
    });
    return addPort(listeners, context, "imap", config.imapEndpoints(), std::move(factory));
}

Deferred<void> reloadCertificate(
    ServiceContext& context, const std::shared_ptr<ReloadableTlsContext>& tls,
    std::span<const std::string> changed
) {
    if (!changed.empty())
        return fail(
            ServiceError("option " + changed.front() + " cannot be changed while the daemon runs; restart it")
        );
    if (!tls)
        return succeed();
    const auto done = tls->reload();
    if (!done)
        return fail(ServiceError(done.error()));
    if (*done)
        context.log.info("certificate reloaded");
    return succeed();
}

} // namespace twistdpp::mail
