#include "twistdpp/service_web/web_service.h"

#include "twistdpp/service_web/combined_log.h"
#include "twistdpp/service_web/login/login_resource.h"
#include "twistdpp/service_web/static/demo_page.h"
#include "twistdpp/service_web/static/user_directory.h"

#include "twistdpp/app/serve_endpoint.h"
#include "twistdpp/app/service_error.h"
#include "twistdpp/app/start_folder.h"
#include "twistdpp/base/ascii.h"
#include "twistdpp/cred/checker_maker.h"
#include "twistdpp/defer/gather.h"
#include "twistdpp/homes/homes.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

namespace twistdpp::web {

namespace {

std::shared_ptr<const http::MediaTypes> mediaTypes(const WebConfig& config) {
    auto types = std::make_shared<http::MediaTypes>(config.mimeType);
    // What the system knows beyond our own table; it is not there on every system.
    if (std::ifstream file("/etc/mime.types"); file) {
        std::ostringstream text;
        text << file.rdbuf();
        types->addMimeTypes(text.str());
    }
    return types;
}

Result<std::shared_ptr<http::Resource>> makeRoot(const WebConfig& config, Reactor& reactor) {
    if (config.users)
        return std::shared_ptr<http::Resource>(std::make_shared<UserDirectory>(
            reactor, mediaTypes(config), config.fileOptions(), config.visibility()
        ));
    if (config.path.empty())
        return std::shared_ptr<http::Resource>(std::make_shared<DemoPage>());
    auto root = ServedRoot::open(fromStartFolder(config.path), config.visibility());
    if (!root)
        return std::move(root).error().within("option --path");
    return std::shared_ptr<http::Resource>(
        std::make_shared<FileResource>(reactor, *std::move(root), mediaTypes(config), config.fileOptions())
    );
}

/// The folder of one who has logged in. There may be many of them, so that each keeps little ready.
std::function<Deferred<std::shared_ptr<http::Resource>>(const AvatarId&)>
homeOpener(const WebConfig& config, Reactor& reactor) {
    FileOptions options = config.fileOptions();
    options.cacheEntries = 16; // each may keep a file open
    options.cacheBytes = 1024 * 1024;
    return [&reactor, options, types = mediaTypes(config), root = config.userRoot,
            policy = config.visibility()](const AvatarId& who) {
        return homes::openHome(reactor, root, who)
            .addCallback([&reactor, options, types, policy](const homes::UserHome& home) {
                auto served = ServedRoot::of(*home.tree, policy);
                if (!served)
                    throw std::runtime_error(served.error().message());
                return std::shared_ptr<http::Resource>(
                    std::make_shared<FileResource>(reactor, *std::move(served), types, options)
                );
            });
    };
}

/// What stands before the site, for --auth.
Result<std::shared_ptr<http::Resource>> makeLogin(
    const WebConfig& config, Reactor& reactor, const Logger& log, const std::shared_ptr<http::Resource>& site
) {
    auto checkers = makeCheckers(reactor, config.auth, CredentialKind::password);
    if (!checkers)
        return std::move(checkers).error().within("option --auth");
    LoginResource::Open open = [site](const AvatarId&) { return succeed(site); };
    if (!config.userRoot.empty())
        open = homeOpener(config, reactor);
    return std::shared_ptr<http::Resource>(
        std::make_shared<LoginResource>(reactor, *std::move(checkers), std::move(open), log)
    );
}

/// What a reload cannot change: the sockets are bound, perhaps by rights that are gone.
constexpr std::array<Bytes, 4> kBound{"--port", "--https", "--certificate", "--privkey"};

} // namespace

Result<std::unique_ptr<Service>> WebService::make(const WebConfig& config, ServiceContext& context) {
    std::unique_ptr<WebService> service(new WebService(context));
    service->site_ = std::make_shared<http::Site>(context.reactor, nullptr, config.limits());
    service->logFile_ = config.logFile;
    service->requests_ = &context.metrics.counter("web_requests_total", "Requests answered");
    service->bytes_ = &context.metrics.counter("web_body_bytes_total", "Bytes of bodies sent");
    service->site_->setAccessLog([web = service.get()](const http::AccessRecord& record) {
        web->account(record);
    });
    auto content = makeContent(config, context.reactor, context.log);
    if (!content)
        return std::move(content).error();
    service->use(*std::move(content));
    auto listeners = serveEndpoints(context, config.endpoints(), service->site_);
    if (!listeners)
        return std::move(listeners).error();
    service->listeners_ = *std::move(listeners);
    return std::unique_ptr<Service>(std::move(service));
}

Result<WebService::Content>
WebService::makeContent(const WebConfig& config, Reactor& reactor, const Logger& log) {
    Content content;
    auto root = makeRoot(config, reactor);
    if (!root)
        return std::move(root).error();
    content.root = *std::move(root);
    if (!config.auth.empty()) {
        auto login = makeLogin(config, reactor, log, content.root);
        if (!login)
            return std::move(login).error();
        content.root = *std::move(login);
    }
    for (const std::string& line : config.headers) {
        const auto colon = line.find(':');
        content.headers.emplace_back(line.substr(0, colon), ascii::trim(Bytes(line).substr(colon + 1)));
    }
    content.serverName = config.serverName;
    content.limits = config.limits();
    return content;
}

void WebService::use(Content content) {
    site_->setServerName(std::move(content.serverName));
    site_->setHeaders(std::move(content.headers));
    site_->setLimits(content.limits);
    site_->setRoot(std::move(content.root));
}

Result<std::unique_ptr<AccessLog>> WebService::openLog(const std::string& path) {
    if (path.empty())
        return std::unique_ptr<AccessLog>();
    auto file = AccessLogFile::open(path == "-" ? path : fromStartFolder(path));
    if (!file)
        return std::move(file).error().within("option --logfile");
    return std::make_unique<AccessLog>(context_.reactor, *std::move(file));
}

Deferred<void> WebService::privilegedStart() {
    auto log = openLog(logFile_);
    if (!log)
        return fail(ServiceError(log.error()));
    log_ = *std::move(log);
    return listeners_->privilegedStart();
}

void WebService::account(const http::AccessRecord& record) {
    requests_->add();
    bytes_->add(record.bytes);
    if (!log_)
        return;
    appendCombined(log_->buffer(), record);
    log_->lineDone();
}

Deferred<void> WebService::stop(Drain drain) {
    if (drain.immediate())
        site_->abortAll();
    else
        deadline_ = context_.reactor.callLater(drain.limit, [this] { site_->abortAll(); });
    std::vector<Deferred<void>> parts;
    parts.push_back(listeners_->stop(drain));
    parts.push_back(site_->stop());
    return gather(std::move(parts)).addCallback([this] {
        deadline_.cancel();
        if (log_)
            log_->flush();
    });
}

Deferred<void> WebService::reload(const ServiceConfig& fresh, std::span<const std::string> changed) {
    for (const std::string& name : changed) {
        if (std::find(kBound.begin(), kBound.end(), name) != kBound.end())
            return fail(
                std::runtime_error("option " + name + " cannot be changed while the daemon runs; restart it")
            );
    }
    const auto& config = static_cast<const WebConfig&>(fresh);
    auto content = makeContent(config, context_.reactor, context_.log);
    if (!content)
        return fail(ServiceError(content.error()));
    const bool otherLog = config.logFile != logFile_;
    auto log = otherLog ? openLog(config.logFile) : std::unique_ptr<AccessLog>();
    if (!log)
        return fail(ServiceError(log.error()));
    // The certificates last of what may fail: they have no way back.
    return listeners_->reload(fresh, {}).addCallback([this, content = *std::move(content),
                                                      log = *std::move(log), otherLog,
                                                      path = config.logFile]() mutable {
        use(std::move(content));
        if (!otherLog)
            return;
        log_ = std::move(log);
        logFile_ = std::move(path);
    });
}

std::string WebService::busyWith() const {
    const std::size_t count = site_->connections();
    return count == 0 ? "" : std::to_string(count) + (count == 1 ? " connection" : " connections");
}

} // namespace twistdpp::web
