#include "twistdpp/service_mail/mail_service.h"

#include "twistdpp/service_mail/mail_ports.h"

#include "twistdpp/app/service_error.h"
#include "twistdpp/base/ascii.h"

#include "twistdpp/cred/checker_maker.h"
#include "twistdpp/cred/checkers/file.h"
#include "twistdpp/endpoints/trust_roots.h"

#include "twistdpp/mail_relay/relay_control.h"
#include "twistdpp/mail_server/maildir_account.h"
#include "twistdpp/mail_store/maildir.h"

#include "twistdpp/tls/tls_context.h"

#include <cerrno>
#include <ctime>
#include <fstream>
#include <unistd.h>

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

Result<dns::Client> makeDnsClient(Reactor& reactor, const MailConfig& config) {
    if (config.dnsServers.empty())
        return dns::Client::system(reactor);
    auto resolver = dns::Resolver::make(reactor, dns::ResolverOptions(config.dnsServers));
    if (!resolver)
        return std::move(resolver).error();
    return dns::Client(*std::move(resolver));
}

} // namespace

Result<void> MailService::setUp(const MailConfig& config) {
    folders_ = config.domains;
    users_ = config.users;
    auto domains = Domains::open(config.domains, !config.relay.empty(), context_.log);
    if (!domains)
        return std::move(domains).error().within("option --maildirdbmdomain");
    domains_ = *std::move(domains);
    auto accounts = makeAccounts(config, *domains_, context_.reactor);
    if (!accounts)
        return std::move(accounts).error();
    auto tls = makeTls(config);
    if (!tls)
        return std::move(tls).error();
    tls_ = *std::move(tls);
    deliveries_ = std::make_shared<Deliveries>(context_.reactor, *domains_, config.hostname, context_.log);
    deliveries_->taken = &context_.metrics.counter("mail_taken_total", "Mails that were answered by 250");
    deliveries_->quota = config.quota;
    for (const MailConfig::Signer& each : config.signers) {
        auto key = DkimKey::load(each.file);
        if (!key)
            return std::move(key).error().within("option --dkim");
        deliveries_->signers.push_back({each.domain, each.selector, *std::move(key)});
    }
    deliveries_->refuseForged = config.refuseForged;
    if (config.checkSenders) {
        auto client = makeDnsClient(context_.reactor, config);
        if (!client)
            return std::move(client).error().within("option --dns");
        deliveries_->dns.emplace(*std::move(client));
    }
    if (auto made = setUpRelay(config); !made)
        return made;
    drops_ = std::make_unique<OpenDrops>(context_.reactor);

    const auto smtpOptions = makeSmtpOptions(config, tls_, *accounts);
    smtpOptions->handler = [all = deliveries_] { return std::make_unique<LocalDelivery>(all); };
    const auto pop3Options = makePop3Options(config, tls_, *accounts);
    pop3Options->open = [this](const AvatarId& who) {
        const auto maildir = domains_->maildirOf(who.name());
        if (!maildir)
            return fail<std::unique_ptr<pop3::Drop>>(ServiceError("there is no mailbox of " + who.name()));
        return drops_->open(*maildir);
    };
    if (auto made = addMailPorts(listeners_, context_, config, smtpOptions, pop3Options); !made)
        return made;
    const auto imapOptions = makeImapOptions(config, tls_, *accounts);
    imapOptions->open = [this](const AvatarId& who) -> std::unique_ptr<imap::Account> {
        const auto maildir = domains_->maildirOf(who.name());
        return maildir ? makeMaildirAccount(context_.reactor, *maildir) : nullptr;
    };
    return addImapPort(listeners_, context_, config, imapOptions);
}

namespace {

/// "NAME:PASSWORD" in the first line of a file.
Result<SaslIdentity> readLogin(const std::string& path) {
    std::ifstream file(path);
    std::string line;
    if (!file || !std::getline(file, line))
        return Error("cannot read " + path);
    Bytes rest = line;
    const Bytes user = ascii::cut(rest, ':');
    const Bytes password = ascii::trim(rest, "\r");
    if (user.empty() || password.empty())
        return Error("the first line of " + path + " is no NAME:PASSWORD");
    return SaslIdentity(std::string(user), Secret(std::string(password)));
}

} // namespace

Result<void> MailService::setUpRelay(const MailConfig& config) {
    if (config.relay.empty())
        return {};
    queue_ = config.relay;
    sending_ = config.sending;
    sending_.hostname = config.hostname;
    ClientTlsOptions anyone;
    // What is encrypted to somebody unknown is better off than what everybody can read (RFC 7435).
    anyone.trust = ClientTlsOptions::Trust::insecure;
    auto tls = TlsContext::forClient(anyone);
    if (!tls)
        return std::move(tls).error();
    sending_.tls = *std::move(tls);
    ClientTlsOptions known;
    if (!config.relayAuthorities.empty()) {
        auto roots = readTrustRoots(config.relayAuthorities);
        if (!roots)
            return std::move(roots).error().within("option --relay-ca");
        known = ClientTlsOptions(*std::move(roots));
    }
    auto strict = TlsContext::forClient(known);
    if (!strict)
        return std::move(strict).error().within(
            config.relayAuthorities.empty() ? "--relay" : "option --relay-ca"
        );
    sending_.strictTls = *std::move(strict);
    if (!config.relayLogin.empty()) {
        auto account = readLogin(config.relayLogin);
        if (!account)
            return std::move(account).error().within("option --relay-login");
        sending_.account = *std::move(account);
    }
    auto client = makeDnsClient(context_.reactor, config);
    if (!client)
        return std::move(client).error().within("option --dns");
    std::shared_ptr<StsPolicies> policies;
    if (config.mtaSts && config.relayVia.empty()) {
        StsOptions sts;
        sts.folder = queue_ + "/policies";
        sts.tls = sending_.strictTls;
        sts.port = config.mtaStsPort;
        sts.clock = [] { return static_cast<std::int64_t>(std::time(nullptr)); };
        policies = std::make_shared<StsPolicies>(context_.reactor, *client, std::move(sts), context_.log);
    }
    routes_.emplace(*std::move(client), config.hostname, config.relayPort, std::move(policies));
    deliveries_->relayFor = config.relayNetworks;
    deliveries_->relayFolder = queue_;
    return {};
}

Result<std::unique_ptr<Service>> MailService::make(const MailConfig& config, ServiceContext& context) {
    std::unique_ptr<MailService> service(new MailService(context));
    if (auto made = service->setUp(config); !made)
        return std::move(made).error();
    return std::unique_ptr<Service>(std::move(service));
}

Deferred<void> MailService::start() {
    if (const std::string aliases = domains_->aliasBeyondMailboxes(); !aliases.empty() && ::geteuid() == 0)
        return fail(ServiceError(
            "option --aliases: " + aliases +
            " gives mail to programs or files, which is not done by root; the daemon's --uid names another "
            "user"
        ));
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
        .addCallback([this] { return openQueue(); })
        .addCallback([this] { return listeners_.start(); });
}

Deferred<void> MailService::openQueue() {
    if (queue_.empty())
        return succeed();
    if (auto made = makeFolder(queue_); !made)
        return fail(ServiceError(Error(made.error()).within("option --relay")));
    auto lock = FileLock::acquire(queue_ + "/lock");
    if (!lock && lock.error().code().value() == EADDRINUSE)
        return fail(ServiceError(
            "option --relay: another process sends what is in " + queue_ + " (it holds " + queue_ + "/lock)"
        ));
    if (!lock)
        return fail(ServiceError(Error(lock.error()).within("option --relay")));
    queueLock_.emplace(*std::move(lock));
    struct Opened {
        std::unique_ptr<SpoolFiles> files;
        std::vector<SpoolFiles::Found> found;
    };
    const auto opened = std::make_shared<Opened>();
    return context_.reactor
        .runInThread(
            Pool::io,
            [opened, folder = queue_] {
                auto files = SpoolFiles::open(folder, opened->found);
                if (!files)
                    throw ServiceError(Error(files.error()).within("option --relay"));
                opened->files = *std::move(files);
            }
        )
        .addCallback([this, opened] { startRelay(std::move(opened->files), std::move(opened->found)); });
}

void MailService::startRelay(std::unique_ptr<SpoolFiles> files, std::vector<SpoolFiles::Found> found) {
    if (!found.empty())
        context_.log.info("{}: {} mails wait", queue_, found.size());
    relay_ = std::make_unique<Relay>(
        context_.reactor, queue_, std::move(files), std::move(found), *std::move(routes_), sending_,
        [all = deliveries_](Report report) { return postReport(all, std::move(report)); }, context_.log,
        context_.metrics
    );
    deliveries_->relay = relay_.get();
    ListenSpec spec(Address::unixPath(controlPath(queue_)));
    spec.unixMode = 0600;
    auto control = context_.reactor.listen(std::move(spec), makeControlFactory(*relay_));
    if (!control)
        throw ServiceError(Error(control.error()).within("option --relay"));
    control_ = *std::move(control);
    relay_->start();
}

Deferred<void> MailService::stop(Drain drain) {
    return listeners_.stop(drain)
        .addCallback([this, drain] {
            control_.reset();
            return relay_ ? relay_->stop(drain) : succeed();
        })
        .addCallback([all = deliveries_] { return all->close(); })
        .addCallback([this] {
            deliveries_->relay = nullptr;
            queueLock_.reset();
        });
}

Deferred<void> MailService::reload(const ServiceConfig& fresh, std::span<const std::string> changed) {
    return reloadCertificate(context_, tls_, changed).addCallback([this, &fresh, changed] {
        return listeners_.reload(fresh, changed);
    });
}

} // namespace twistdpp::mail
