#include "twistdpp/service_words/words_service.h"

#include "twistdpp/app/serve_endpoint.h"
#include "twistdpp/app/service_error.h"
#include "twistdpp/app/start_folder.h"
#include "twistdpp/cred/checker_maker.h"
#include "twistdpp/defer/gather.h"
#include "twistdpp/websocket/line_socket.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <unistd.h>

namespace twistdpp::words {

namespace {

/// What a reload cannot change: sockets are bound, the database is open, and clients know the names.
constexpr std::array<Bytes, 8> kBound{"--irc-port", "--websocket-port", "--websocket-origin",
                                      "--hostname", "--network",        "--database",
                                      "--history",  "--history-age"};

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
    auto checkers = makeCheckers(reactor, texts, CredentialKind::password | CredentialKind::certificate);
    if (!checkers)
        return std::move(checkers).error().within("option --auth");
    setup.accounts.emplace(reactor, *std::move(checkers));
    return setup;
}

std::shared_ptr<const websocket::LineSocketOptions> lineSocketOptions(const WordsConfig& config) {
    websocket::LineSocketOptions options;
    options.handshake.protocols = {"text.ircv3.net", "binary.ircv3.net"};
    options.handshake.origins = config.webSocketOrigins;
    options.handshake.page = "This is a chat server: IRC over WebSocket. Give this address to a web client.";
    options.binaryProtocol = "binary.ircv3.net";
    return std::make_shared<const websocket::LineSocketOptions>(std::move(options));
}

/// Two servers on one database would each believe that they know what is in it.
Result<FileLock> lockDatabase(const WordsConfig& config, ServiceContext& context) {
    HandOverSeat* const seat = context.reactor.handOver();
    const std::string path = fromStartFolder(config.database);
    auto lock = FileLock::acquire(path + ".lock", seat ? seat->all() : nullptr);
    if (!lock && lock.error().code().value() == EADDRINUSE)
        return Error("option --database: another process serves " + path + " (it holds " + path + ".lock)");
    if (!lock)
        return std::move(lock).error().within("option --database");
    return lock;
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

Deferred<void> WordsService::privilegedStart() {
    return listeners_->privilegedStart().addCallback([this] {
        return pages_ ? pages_->privilegedStart() : succeed();
    });
}

Deferred<void> WordsService::start() {
    return listeners_->start().addCallback([this] { return pages_ ? pages_->start() : succeed(); });
}

std::string WordsService::busyWith() const {
    const std::string lines = listeners_->busyWith();
    const std::string pages = pages_ ? pages_->busyWith() : "";
    return lines.empty() || pages.empty() ? lines + pages : lines + ", " + pages;
}

Deferred<void> WordsService::stop(Drain drain) {
    // Where everyone is, before they are sent away.
    server_->keeper().saveAll();
    std::vector<Deferred<void>> ends;
    ends.push_back(listeners_->stop(drain));
    if (pages_)
        ends.push_back(pages_->stop(drain));
    return gather(std::move(ends)).addCallback([server = server_] {
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
    if (!config.database.empty()) {
        auto lock = lockDatabase(config, context);
        if (!lock)
            return std::move(lock).error();
        service->databaseLock_.emplace(*std::move(lock));
    }
    auto store = openStore(config, context);
    if (!store)
        return std::move(store).error();
    service->server_ = std::make_shared<Server>(
        context.reactor, std::move(setup->options), std::move(setup->accounts), context.log, *std::move(store)
    );
    // All of the daemon's options, as for who sends the signal from outside.
    service->server_->onRehash([] { ::kill(::getpid(), SIGHUP); });
    auto listeners = serveEndpoints(context, config.endpoints(), service->server_);
    if (!listeners)
        return std::move(listeners).error();
    service->listeners_ = *std::move(listeners);
    if (!config.webSocketPorts.empty()) {
        auto pages = serveEndpoints(
            context, config.webSocketPorts,
            websocket::makeLineSockets(service->server_, lineSocketOptions(config))
        );
        if (!pages)
            return std::move(pages).error();
        service->pages_ = *std::move(pages);
    }
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
    auto certificates = listeners_->reload(fresh, {}).addCallback([this, &fresh] {
        return pages_ ? pages_->reload(fresh, {}) : succeed();
    });
    return std::move(certificates).addCallback([this, setup = *std::move(setup)]() mutable {
        server_->reconfigure(std::move(setup.options), std::move(setup.accounts));
    });
}

} // namespace twistdpp::words
