#include "twistdpp/service_mail/mail_service.h"

#include "twistdpp/app/serve_endpoint.h"
#include "twistdpp/app/service_error.h"
#include "twistdpp/app/start_folder.h"
#include "twistdpp/cred/checker_maker.h"
#include "twistdpp/cred/checkers/file.h"
#include "twistdpp/mail_store/maildir.h"
#include "twistdpp/pop3/pop3_server.h"
#include "twistdpp/smtp/smtp_server.h"

namespace twistdpp::mail {

namespace {

Result<Authenticator> makeAccounts(const MailConfig& config, Domains& domains, Reactor& reactor) {
    CheckerSet checkers;
    checkers.add(std::make_unique<FileChecker>(
        [&domains]() -> Result<std::shared_ptr<const PasswordTable>> { return domains.table(); }, "domain",
        CheckQueue::of(reactor, Pool::cpu)
    ));
    const CredentialKinds accepted =
        CredentialKind::password | CredentialKind::hashedPassword | CredentialKind::certificate;
    for (const std::string& text : config.auth) {
        auto checker = makeChecker(reactor, text, accepted);
        if (!checker)
            return std::move(checker).error().within("option --auth");
        checkers.add(*std::move(checker));
    }
    return Authenticator(reactor, std::move(checkers));
}

Result<std::shared_ptr<ReloadableTlsContext>> makeTls(const MailConfig& config) {
    const std::string key = config.privateKey.empty() ? config.certificate : config.privateKey;
    auto made = ReloadableTlsContext::make(
        ServerTlsOptions(TlsIdentity::files(fromStartFolder(config.certificate), fromStartFolder(key)))
    );
    if (!made)
        return std::move(made).error().within("option --tls-cert");
    return made;
}

} // namespace

Result<void> MailService::setUp(const MailConfig& config) {
    folders_ = config.domains;
    users_ = config.users;
    auto domains = Domains::open(config.domains, context_.log);
    if (!domains)
        return std::move(domains).error().within("option --maildirdbmdomain");
    domains_ = *std::move(domains);
    auto accounts = makeAccounts(config, *domains_, context_.reactor);
    if (!accounts)
        return std::move(accounts).error();
    if (!config.certificate.empty()) {
        auto tls = makeTls(config);
        if (!tls)
            return std::move(tls).error();
        tls_ = *std::move(tls);
    }
    // Without a certificate there is no better way.
    const bool inClear = config.clearPasswords || !tls_;
    deliveries_ = std::make_shared<Deliveries>(context_.reactor, *domains_, config.hostname, context_.log);
    drops_ = std::make_unique<OpenDrops>(context_.reactor);

    const auto smtpOptions = std::make_shared<smtp::ServerOptions>();
    smtpOptions->hostname = config.hostname;
    smtpOptions->maxSize = config.maxSize;
    smtpOptions->maxRecipients = config.maxRecipients;
    smtpOptions->commandTimeout = config.timeout;
    smtpOptions->extended = config.esmtp;
    smtpOptions->loginNeeded = config.disableAnonymous;
    smtpOptions->passwordsInClear = inClear;
    smtpOptions->tls = tls_;
    smtpOptions->accounts.emplace(*accounts);
    smtpOptions->handler = [all = deliveries_] { return std::make_unique<LocalDelivery>(all); };
    const auto pop3Options = std::make_shared<pop3::ServerOptions>();
    pop3Options->hostname = config.hostname;
    pop3Options->passwordsInClear = inClear;
    pop3Options->tls = tls_;
    pop3Options->accounts.emplace(*accounts);
    pop3Options->open = [this](const AvatarId& who) {
        const auto maildir = domains_->maildirOf(who.name());
        if (!maildir)
            return fail<std::unique_ptr<pop3::Drop>>(ServiceError("there is no mailbox of " + who.name()));
        return drops_->open(*maildir);
    };
    const auto add = [&](const char* name, const std::vector<std::string>& endpoints,
                         std::shared_ptr<Factory> factory) -> Result<void> {
        if (endpoints.empty())
            return {};
        auto made = serveEndpoints(context_, endpoints, std::move(factory));
        if (!made)
            return std::move(made).error().within(std::string("option --") + name);
        listeners_.add(name, *std::move(made));
        return {};
    };
    auto made =
        add("smtp", config.smtpEndpoints(), makeFactory([smtpOptions, log = context_.log](const Address&) {
                return std::make_unique<smtp::SmtpServer>(smtpOptions, log);
            }));
    if (!made)
        return made;
    return add("pop3", config.pop3Endpoints(), makeFactory([pop3Options, log = context_.log](const Address&) {
                   return std::make_unique<pop3::Pop3Server>(pop3Options, log);
               }));
}

Result<std::unique_ptr<Service>> MailService::make(const MailConfig& config, ServiceContext& context) {
    std::unique_ptr<MailService> service(new MailService(context));
    if (auto made = service->setUp(config); !made)
        return std::move(made).error();
    return std::unique_ptr<Service>(std::move(service));
}

Deferred<void> MailService::start() {
    // As the user that the process has become, who will write there. A hash takes a while.
    return context_.reactor
        .runInThread(
            Pool::cpu,
            [folders = folders_, users = std::exchange(users_, {}), log = context_.log] {
                for (const Domain& domain : folders) {
                    if (const auto made = makeFolder(domain.folder); !made)
                        throw ServiceError(made.error());
                    const auto back = DeliveryLog::recover(domain.folder);
                    if (!back)
                        throw ServiceError(Error(back.error()).within("messages of " + domain.name));
                    if (*back > 0)
                        log.warn("{}: {} messages put back that a crash had taken", domain.name, *back);
                }
                for (const MailConfig::User& user : users) {
                    const std::string& folder = folders[user.domain].folder;
                    if (const auto set = UserFolder(folder + "/passwd").set(user.name, user.password); !set)
                        throw ServiceError(Error(set.error()).within("option --user"));
                }
            }
        )
        .addCallback([this] { return listeners_.start(); });
}

Deferred<void> MailService::stop(Drain drain) {
    return listeners_.stop(drain).addCallback([all = deliveries_] { return all->close(); });
}

Deferred<void> MailService::reload(const ServiceConfig& fresh, std::span<const std::string> changed) {
    if (!changed.empty())
        return fail(
            ServiceError("option " + changed.front() + " cannot be changed while the daemon runs; restart it")
        );
    if (tls_) {
        const auto done = tls_->reload();
        if (!done)
            return fail(ServiceError(done.error()));
        if (*done)
            context_.log.info("certificate reloaded");
    }
    return listeners_.reload(fresh, changed);
}

} // namespace twistdpp::mail
