#include "twistdpp/service_words/words_service.h"

#include "twistdpp/app/serve_endpoint.h"
#include "twistdpp/app/service_error.h"
#include "twistdpp/app/start_folder.h"
#include "twistdpp/cred/checker_maker.h"

#include <algorithm>
#include <array>

namespace twistdpp::words {

namespace {

/// What a reload cannot change: sockets are bound, the database is open, and clients know the names.
constexpr std::array<Bytes, 6> kBound{"--irc-port", "--hostname", "--network",
                                      "--database", "--history",  "--history-age"};

/// What the options say, made beside what is in use.
struct Setup {
    ServerOptions options;
    std::optional<Authenticator> accounts;
};

Result<Setup> setUp(const WordsConfig& config, Reactor& reactor) {
    auto options = config.serverOptions();
    if (!options)
        return std::move(options).error();
    Setup setup;
    setup.options = *std::move(options);
    const auto texts = config.checkers();
    if (texts.empty())
        return setup;
    auto checkers = makeCheckers(reactor, texts, CredentialKind::password);
    if (!checkers)
        return std::move(checkers).error().within("option --auth");
    setup.accounts.emplace(reactor, *std::move(checkers));
    return setup;
}

Result<std::unique_ptr<Store>> openStore(const WordsConfig& config, ServiceContext& context) {
    if (config.database.empty())
        return std::make_unique<Store>(config.historyLimits());
    auto store = Store::open(
        context.reactor, fromStartFolder(config.database), config.historyLimits(),
        [log = context.log](Bytes trouble) {
            if (trouble.empty())
                log.info("the database takes changes again");
            else
                log.error("{}; accounts, channels and history are not kept until that is mended", trouble);
        }
    );
    if (!store)
        return std::move(store).error().within("option --database");
    return store;
}

} // namespace

Deferred<void> WordsService::stop(Drain drain) {
    // Where everyone is, before they are sent away.
    server_->keeper().saveAll();
    return listeners_->stop(drain).addCallback([server = server_] {
        return server->finish().addErrback([server](const Failure& why) {
            server->log().error("not all is in the database: {}", why.error().what());
        });
    });
}

Result<std::unique_ptr<Service>> WordsService::make(const WordsConfig& config, ServiceContext& context) {
    auto setup = setUp(config, context.reactor);
    if (!setup)
        return std::move(setup).error();
    std::unique_ptr<WordsService> service(new WordsService(context));
    if (!setup->accounts)
        context.log.info("there is no --auth: everyone is let in without an account");
    auto store = openStore(config, context);
    if (!store)
        return std::move(store).error();
    service->server_ = std::make_shared<Server>(
        context.reactor, std::move(setup->options), std::move(setup->accounts), context.log, *std::move(store)
    );
    auto listeners = serveEndpoints(context, config.endpoints(), service->server_);
    if (!listeners)
        return std::move(listeners).error();
    service->listeners_ = *std::move(listeners);
    return std::unique_ptr<Service>(std::move(service));
}

Deferred<void> WordsService::reload(const ServiceConfig& fresh, std::span<const std::string> changed) {
    for (const std::string& name : changed) {
        if (std::find(kBound.begin(), kBound.end(), name) != kBound.end())
            return fail(
                ServiceError("option " + name + " cannot be changed while the daemon runs; restart it")
            );
    }
    auto setup = setUp(static_cast<const WordsConfig&>(fresh), context_.reactor);
    if (!setup)
        return fail(ServiceError(setup.error()));
    // The certificates last of what may fail: they have no way back.
    return listeners_->reload(fresh, {}).addCallback([this, setup = *std::move(setup)]() mutable {
        server_->reconfigure(std::move(setup.options), std::move(setup.accounts));
    });
}

} // namespace twistdpp::words
