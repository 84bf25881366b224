#include "twistdpp/service_mail/sink_service.h"

#include "twistdpp/service_mail/mail_ports.h"

#include "twistdpp/defer/gather.h"
#include "twistdpp/mail_sink/caught_account.h"
#include "twistdpp/mail_sink/caught_drop.h"

namespace twistdpp::mail {

Result<void> SinkService::setUp(const MailConfig& config) {
    sink_ = std::make_shared<Sink>(context_.reactor, config.keep, config.keepBytes, context_.log);
    std::vector<Fault> faults;
    for (const std::string& text : config.faults) {
        auto fault = Fault::parse(text);
        if (!fault)
            return std::move(fault).error().within("option --fault");
        faults.push_back(*std::move(fault));
    }
    sink_->faults.set(std::move(faults));
    auto tls = makeTls(config);
    if (!tls)
        return std::move(tls).error();
    tls_ = *std::move(tls);
    CheckerSet anyone;
    anyone.add(std::make_unique<AnyoneChecker>());
    const Authenticator accounts(context_.reactor, std::move(anyone));

    // Passwords mean nothing here.
    const auto smtpOptions = makeSmtpOptions(config, tls_, accounts);
    smtpOptions->passwordsInClear = true;
    smtpOptions->handler = [sink = sink_] { return std::make_unique<CatchingHandler>(sink); };
    const auto pop3Options = makePop3Options(config, tls_, accounts);
    pop3Options->passwordsInClear = true;
    pop3Options->open = [sink = sink_](const AvatarId& who) {
        return Deferred<std::unique_ptr<pop3::Drop>>(openCaught(sink->mails, who.name()));
    };
    if (auto made = addMailPorts(listeners_, context_, config, smtpOptions, pop3Options); !made)
        return made;

    const auto imapOptions = makeImapOptions(config, tls_, accounts);
    imapOptions->passwordsInClear = true;
    imapOptions->open = [sink = sink_](const AvatarId& who) {
        return makeCaughtAccount(sink->mails, who.name());
    };
    if (auto made = addImapPort(listeners_, context_, config, imapOptions); !made)
        return made;

    page_ = std::make_shared<CatcherSite>(sink_, config.hostname);
    site_ = std::make_shared<http::Site>(context_.reactor, page_);
    return addPort(listeners_, context_, "http", config.httpEndpoints(), site_);
}

Result<std::unique_ptr<Service>> SinkService::make(const MailConfig& config, ServiceContext& context) {
    std::unique_ptr<SinkService> service(new SinkService(context));
    if (auto made = service->setUp(config); !made)
        return std::move(made).error();
    return std::unique_ptr<Service>(std::move(service));
}

Deferred<void> SinkService::stop(Drain drain) {
    page_->close();
    if (drain.immediate())
        site_->abortAll();
    else
        deadline_ = context_.reactor.callLater(drain.limit, [this] { site_->abortAll(); });
    std::vector<Deferred<void>> parts;
    parts.push_back(listeners_.stop(drain));
    parts.push_back(site_->stop());
    return gather(std::move(parts)).addCallback([this] { deadline_.cancel(); });
}

Deferred<void> SinkService::reload(const ServiceConfig& fresh, std::span<const std::string> changed) {
    return reloadCertificate(context_, tls_, changed).addCallback([this, &fresh, changed] {
        return listeners_.reload(fresh, changed);
    });
}

} // namespace twistdpp::mail
