#pragma once
#include "twistdpp/service_words/words_config.h"

#include "twistdpp/app/service.h"
#include "twistdpp/app/service_maker.h"
#include "twistdpp/reactor/file_lock.h"
#include "twistdpp/words_server/server.h"

#include <memory>
#include <optional>
#include <span>
#include <string>

namespace twistdpp::words {

/// `twistdpp words`: one Server behind the endpoints that the options name. It lives on one reactor, since
/// its users share one state.
class WordsService final : public Service {
public:
    /// Checks everything that can be checked before a port is bound.
    static Result<std::unique_ptr<Service>> make(const WordsConfig& config, ServiceContext& context);

    Deferred<void> privilegedStart() override;
    Deferred<void> start() override;
    /// Fires when all that is to be kept is in the database too.
    Deferred<void> stop(Drain drain) override;
    /// Takes passwords, texts, groups and limits anew, all or nothing; who is here stays.
    Deferred<void> reload(const ServiceConfig& fresh, std::span<const std::string> changed) override;
    std::string busyWith() const override;

private:
    explicit WordsService(ServiceContext& context) : context_(context) {}

    ServiceContext& context_;
    std::optional<FileLock> databaseLock_; // outlives what is in it
    std::shared_ptr<Server> server_;
    std::unique_ptr<Service> listeners_;
    std::unique_ptr<Service> pages_; // those of WebSocket; nullptr: none
};

} // namespace twistdpp::words
