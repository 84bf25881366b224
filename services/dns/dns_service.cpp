#include "twistdpp/service_dns/dns_service.h"

#include "twistdpp/app/serve_endpoint.h"
#include "twistdpp/app/service_error.h"
#include "twistdpp/defer/gather.h"

#include <algorithm>
#include <array>

namespace twistdpp::dns {

namespace {

/// What a reload cannot change: the sockets are bound, perhaps by rights that are gone.
constexpr std::array<Bytes, 4> kBound{"--port", "--interface", "--tls", "--udp-size"};

} // namespace

Result<std::unique_ptr<Service>> DnsService::make(const DnsConfig& config, ServiceContext& context) {
    if (context.shard == 0) {
        config.keeper = std::make_shared<ZoneKeeper>(context.log);
        auto transfers = config.transferSettings();
        if (!transfers)
            return std::move(transfers).error();
        config.transfers = std::make_shared<Transfers>(context.log, config.keeper, *std::move(transfers));
        config.transfers->watch();
        if (auto done = config.keeper->load(config.sources()); !done)
            return std::move(done).error();
    }
    auto settings = config.responderSettings();
    if (!settings)
        return settings.error();
    settings->keys = config.transfers->settings()->keys;
    std::unique_ptr<DnsService> service(new DnsService(config, context, *settings));
    if (!config.tls.empty()) {
        auto tls = serveEndpoints(
            context, config.tls,
            std::make_shared<StreamServerFactory>(service->responder_, static_cast<Elsewhere&>(*service))
        );
        if (!tls)
            return std::move(tls).error().within("option --tls");
        service->tls_ = *std::move(tls);
    }
    return std::unique_ptr<Service>(std::move(service));
}

DnsService::DnsService(const DnsConfig& config, ServiceContext& context, const ResponderSettings& settings)
    : config_(config), context_(context), keeper_(config.keeper), transfers_(config.transfers),
      log_(context.log, context.metrics, config.verbosity), responder_(settings, log_),
      desk_(context.reactor, context.log, transfers_), ports_(context, responder_, *this) {
    responder_.setCatalog(keeper_->catalog());
}

DnsService::~DnsService() = default;

Deferred<void> DnsService::privilegedStart() {
    if (auto done = ports_.bind(config_); !done)
        return fail(ServiceError(done.error()));
    auto recursion = makeRecursion(config_);
    if (!recursion)
        return fail(ServiceError(recursion.error()));
    useRecursion(*std::move(recursion));
    return tls_ ? tls_->privilegedStart() : succeed();
}

Deferred<void> DnsService::start() {
    subscription_.emplace(keeper_, context_.reactor, [this](std::shared_ptr<const Catalog> catalog) {
        responder_.setCatalog(std::move(catalog));
    });
    if (leads()) {
        keeper_->start(context_.reactor);
        if (auto done = transfers_->start(context_.reactor); !done) {
            keeper_->stop();
            subscription_.reset();
            return fail(ServiceError(done.error()));
        }
    }
    return tls_ ? tls_->start() : succeed();
}

Deferred<void> DnsService::stop(Drain drain) {
    if (leads()) {
        transfers_->stop();
        keeper_->stop();
    }
    std::vector<Deferred<void>> parts;
    parts.push_back(ports_.stop(drain.limit));
    if (tls_)
        parts.push_back(tls_->stop(drain));
    return gather(std::move(parts)).addCallback([this] { subscription_.reset(); });
}

Deferred<void> DnsService::reload(const ServiceConfig& fresh, std::span<const std::string> changed) {
    for (const std::string& name : changed) {
        if (std::find(kBound.begin(), kBound.end(), name) != kBound.end())
            return fail(
                ServiceError("option " + name + " cannot be changed while the daemon runs; restart it")
            );
    }
    const auto& config = static_cast<const DnsConfig&>(fresh);
    auto settings = config.responderSettings();
    if (!settings)
        return fail(ServiceError(settings.error()));
    const auto transfers = config.transferSettings();
    if (!transfers)
        return fail(ServiceError(transfers.error()));
    settings->keys = (*transfers)->keys;
    auto recursion = makeRecursion(config);
    if (!recursion)
        return fail(ServiceError(recursion.error()));
    // Everything that can be refused comes before the first change: with a mistake all stays as it was.
    auto read = leads() ? keeper_->reload(config.sources()) : succeed();
    return std::move(read).addCallback(
        [this, &config, &fresh, settings = *std::move(settings), transfers = *transfers,
         made = *std::move(recursion)]() mutable -> Deferred<void> {
            if (leads()) {
                if (auto done = transfers_->configure(transfers); !done)
                    return fail(ServiceError(done.error()));
            }
            useRecursion(std::move(made));
            log_.setVerbosity(config.verbosity);
            responder_.configure(settings);
            return tls_ ? tls_->reload(fresh, {}) : succeed();
        }
    );
}

std::string DnsService::busyWith() const {
    const std::size_t count = ports_.connections();
    return count == 0 ? "" : std::to_string(count) + (count == 1 ? " connection" : " connections");
}

Result<std::unique_ptr<Recursion>> DnsService::makeRecursion(const DnsConfig& config) {
    if (!config.forwards())
        return std::unique_ptr<Recursion>();
    return Recursion::make(config, context_.reactor, ports_.addresses());
}

void DnsService::useRecursion(std::unique_ptr<Recursion> recursion) {
    recursion_ = std::move(recursion);
    UniqueFunction<bool(const Address&)> allowed;
    if (recursion_)
        allowed = [this](const Address& from) { return recursion_->allows(from); };
    responder_.setRecursion(std::move(allowed));
}

void DnsService::forward(Responder& responder, const Address& from, Carrier carrier, Reply reply) {
    recursion_->forward(responder, from, carrier, std::move(reply));
}

void DnsService::transfer(Responder& responder, const Address& from, std::shared_ptr<AnswerStream> stream) {
    desk_.transfer(responder, from, std::move(stream));
}

std::size_t DnsService::transferDatagram(Responder& responder, const Address& from, std::span<char> out) {
    return desk_.transferDatagram(responder, from, out);
}

std::size_t DnsService::notify(Responder& responder, const Address& from, std::span<char> out) {
    return desk_.notify(responder, from, out);
}

} // namespace twistdpp::dns
