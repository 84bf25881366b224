#include "twistdpp/app/serve_endpoint.h"

#include "twistdpp/app/bound_addresses.h"
#include "twistdpp/app/drainable.h"
#include "twistdpp/app/endpoint_text.h"
#include "twistdpp/app/service_error.h"
#include "twistdpp/endpoints/server_endpoint.h"
#include "twistdpp/reactor/errors.h"

#include <optional>

namespace twistdpp {

namespace {

/// Enters what the service's own factory makes into the list of connections.
class TrackingFactory final : public Factory {
public:
    TrackingFactory(std::shared_ptr<Factory> inner, Connections& connections)
        : inner_(std::move(inner)), connections_(&connections) {}

    std::unique_ptr<Protocol> buildProtocol(const Address& peer) override {
        auto made = inner_->buildProtocol(peer);
        if (auto* drainable = dynamic_cast<Drainable*>(made.get()); drainable && connections_)
            connections_->add(*drainable);
        return made;
    }
    /// The service goes; a TLS handshake may still be on its way to a protocol.
    void detach() noexcept { connections_ = nullptr; }

private:
    std::shared_ptr<Factory> inner_;
    Connections* connections_;
};

/// CannotListenError carries no code; the daemon's exit status tells a missing permission from the rest.
Failure withCode(const Failure& failure) {
    const std::error_code denied = std::make_error_code(std::errc::permission_denied);
    const std::string text = failure.message();
    return ServiceError(text, text.ends_with(denied.message()) ? denied : ServiceError::codeOf(failure));
}

class EndpointService final : public Service {
public:
    EndpointService(ServiceContext& context, std::shared_ptr<Factory> factory)
        : context_(context), connections_(context.reactor),
          factory_(std::make_shared<TrackingFactory>(std::move(factory), connections_)) {}
    ~EndpointService() override { factory_->detach(); }

    Result<void> add(const std::string& text) {
        // Read for its mistakes now; made once more where the port is bound, when port 0's number is known.
        auto endpoint = serverFromString(context_.reactor, text, options());
        if (!endpoint)
            return std::move(endpoint).error();
        texts_.push_back(text);
        return {};
    }

    Deferred<void> privilegedStart() override {
        for (unsigned i = 0; i < texts_.size(); ++i) {
            auto outcome = co_await bind(i).outcome();
            if (!outcome.ok()) {
                ports_.clear();
                Failure because = withCode(outcome.failure());
                co_return co_await fail(std::move(because));
            }
        }
    }

    Deferred<void> start() override {
        for (const auto& port : ports_)
            port->resumeAccepting();
        return succeed();
    }

    Deferred<void> stop(Drain drain) override {
        for (const auto& port : ports_)
            port->stopListening();
        return connections_.stop(drain.limit);
    }

    /// Certificates are read again whether or not an option changed.
    Deferred<void> reload(const ServiceConfig& fresh, std::span<const std::string> changed) override {
        for (const auto& endpoint : endpoints_) {
            if (auto done = endpoint->reload(); !done)
                return fail(ServiceError(done.error()));
            else if (*done)
                context_.log.info("{}: certificate reloaded", endpoint->describe());
        }
        return Service::reload(fresh, changed);
    }

    std::string busyWith() const override {
        const std::size_t open = connections_.size();
        return open == 0 ? "" : open == 1 ? "1 connection" : std::to_string(open) + " connections";
    }

private:
    EndpointOptions options() const { return EndpointOptions(context_.shards > 1); }

    Deferred<void> bind(unsigned index) {
        std::string text = texts_[index];
        if (context_.shard > 0) {
            const auto first = context_.bound.shared(context_.name, index);
            if (!first || !first->isIp())
                co_return; // a unix socket or a pipe: the first reactor serves it
            text = endpointWithPort(text, first->port());
        }
        auto endpoint = serverFromString(context_.reactor, text, options());
        if (!endpoint) {
            Failure because = ServiceError(endpoint.error());
            co_return co_await fail(std::move(because));
        }
        auto port = co_await (*endpoint)->listen(factory_);
        // A client that comes before the service has begun waits in the backlog.
        port->pauseAccepting();
        const Address& address = port->address();
        context_.bound.share(context_.name, index, address);
        context_.bound.report(context_.name, endpointLabel(texts_[index], address));
        ports_.push_back(std::move(port));
        endpoints_.push_back(std::move(*endpoint));
    }

    ServiceContext& context_;
    Connections connections_;
    std::shared_ptr<TrackingFactory> factory_;
    std::vector<std::string> texts_;
    std::vector<std::unique_ptr<ServerEndpoint>> endpoints_;
    std::vector<std::unique_ptr<Port>> ports_;
};

} // namespace

Result<std::unique_ptr<Service>> serveEndpoints(
    ServiceContext& context, const std::vector<std::string>& endpoints, std::shared_ptr<Factory> factory
) {
    auto service = std::make_unique<EndpointService>(context, std::move(factory));
    for (const std::string& each : endpoints) {
        if (auto done = service->add(each); !done)
            return std::move(done).error();
    }
    return std::unique_ptr<Service>(std::move(service));
}

Result<std::unique_ptr<Service>>
serveEndpoint(ServiceContext& context, const std::string& endpoint, std::shared_ptr<Factory> factory) {
    return serveEndpoints(context, {endpoint}, std::move(factory));
}

} // namespace twistdpp
