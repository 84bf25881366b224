#include "twistdpp/service_ftp/ftp_service.h"

#include "twistdpp/app/serve_endpoint.h"
#include "twistdpp/app/service_error.h"
#include "twistdpp/app/start_folder.h"
#include "twistdpp/cred/checker_maker.h"
#include "twistdpp/ftp/reply.h"
#include "twistdpp/ftp_server/ftp_server.h"
#include "twistdpp/homes/homes.h"

#include <algorithm>
#include <utility>

namespace twistdpp::ftp {

namespace {

/// What clients are told of a folder that is not there: no more than that.
Home notThere(const Logger& log, const Failure& why) {
    log.error("{}", why.message());
    throw FtpError(530, "there are no files of yours here");
}

std::function<Deferred<Home>(const AvatarId*)> opener(const FtpConfig& config, Reactor& reactor, Logger log) {
    return [config, &reactor, log](const AvatarId* who) -> Deferred<Home> {
        Home home;
        home.umask = config.umask;
        auto opening = who ? homes::openHome(reactor, config.userRoot, *who)
                           : homes::openForAnyone(reactor, config.root);
        home.writable = who || config.anonymousWrite;
        home.quota = config.quota;
        home.rate = static_cast<double>(who ? config.rate : config.anonymousRate);
        return std::move(opening)
            .addCallback([home](homes::UserHome opened) mutable {
                home.tree = std::move(opened.tree);
                if (!opened.actsAs.empty())
                    home.notice = "files are touched by the rights of " + opened.actsAs;
                return std::move(home);
            })
            .addErrback([log](const Failure& why) {
                if (why.check<CancelledError>())
                    why.raise();
                return notThere(log, why);
            });
    };
}

} // namespace

Result<void> FtpService::setUp(const FtpConfig& config) {
    auto options = std::make_shared<ServerOptions>();
    options->hostname = config.hostname;
    options->idleTime = config.timeout;
    options->stallTime = std::min<Duration>(options->stallTime, config.timeout);
    options->requireTls = config.requireTls;
    options->requireReuse = config.tlsReuse;
    options->sync = config.sync;
    options->anonymous = !config.noAnonymous;
    options->anonymousName = config.anonymousName;
    options->passivePorts = config.passivePorts;
    options->publicAddress = config.publicAddress;
    options->received =
        &context_.metrics.counter("ftp_received_bytes_total", "Bytes of files that have come");
    options->sent = &context_.metrics.counter("ftp_sent_bytes_total", "Bytes of files that have gone");
    if (options->anonymous) {
        if (const auto tree = files::FileTree::open(config.root); !tree)
            return Error(tree.error()).within("option --root");
    }
    if (!config.auth.empty()) {
        auto checkers = makeCheckers(context_.reactor, config.auth, CredentialKind::password);
        if (!checkers)
            return std::move(checkers).error().within("option --auth");
        options->accounts.emplace(context_.reactor, *std::move(checkers));
    }
    if (!config.certificate.empty()) {
        const std::string key = config.privateKey.empty() ? config.certificate : config.privateKey;
        auto made = ReloadableTlsContext::make(
            ServerTlsOptions(TlsIdentity::files(fromStartFolder(config.certificate), fromStartFolder(key)))
        );
        if (!made)
            return std::move(made).error().within("option --tls-cert");
        tls_ = *std::move(made);
        options->tls = tls_;
    }
    options->open = opener(config, context_.reactor, context_.log);

    const auto visitors = std::make_shared<Visitors>(config.limits);
    const std::shared_ptr<const ServerOptions> shared = options;
    const auto make = [shared, visitors, log = context_.log] {
        return std::make_unique<FtpServer>(shared, visitors, log);
    };
    if (const auto plain = config.endpoints(); !plain.empty()) {
        auto made =
            serveEndpoints(context_, plain, makeFactory([make](const Address&) -> std::unique_ptr<Protocol> {
                               return make();
                           }));
        if (!made)
            return std::move(made).error().within("option --port");
        listeners_.add("port", *std::move(made));
    }
    std::vector<std::string> implicit;
    for (const std::string& each : config.implicitPorts)
        implicit.push_back(each.find(':') == std::string::npos ? "tcp:" + each : each);
    if (implicit.empty())
        return {};
    auto made = serveEndpoints(context_, implicit, makeFactory([make, tls = tls_](const Address&) {
                                   return tls->serverProtocol(make());
                               }));
    if (!made)
        return std::move(made).error().within("option --implicit-tls");
    listeners_.add("implicit-tls", *std::move(made));
    return {};
}

Result<std::unique_ptr<Service>> FtpService::make(const FtpConfig& config, ServiceContext& context) {
    std::unique_ptr<FtpService> service(new FtpService(context));
    if (auto made = service->setUp(config); !made)
        return std::move(made).error();
    return std::unique_ptr<Service>(std::move(service));
}

Deferred<void> FtpService::reload(const ServiceConfig& fresh, std::span<const std::string> changed) {
    if (!changed.empty())
        return fail(ServiceError("option --" + changed.front() + " needs a restart"));
    if (tls_) {
        if (auto read = tls_->reload(); !read)
            return fail(ServiceError(Error(read.error()).within("option --tls-cert")));
    }
    return listeners_.reload(fresh, changed);
}

} // namespace twistdpp::ftp
