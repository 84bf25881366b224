#pragma once
#include "twistdpp/words_server/server_options.h"

#include "twistdpp/app/option_set.h"
#include "twistdpp/app/service_maker.h"

#include <string>
#include <vector>

namespace twistdpp::words {

/// The options of `twistdpp words`: Twisted's and ours.
class WordsConfig final : public ServiceConfig {
public:
    void declare(OptionSet& options) override;
    Result<void> validate() override;

    /// What to listen on, as endpoint strings.
    std::vector<std::string> endpoints() const;
    /// --auth and --passwd, as values of --auth.
    std::vector<std::string> checkers() const;
    /// How much history is kept.
    HistoryLimits historyLimits() const;
    /// What the server is set up with. Reads the file of --motd; the error names the option.
    Result<ServerOptions> serverOptions() const;

    std::vector<std::string> ircPorts;
    std::vector<std::string> webSocketPorts;
    std::vector<std::string> webSocketOrigins;
    std::vector<std::string> auth;
    std::string passwordFile;
    bool open = false;
    std::vector<std::string> groups;
    std::string hostname;
    std::string network = "twistdpp";
    std::string motd;
    std::vector<std::string> admin;
    std::vector<std::string> operators;
    std::string password;
    std::vector<std::string> gateways;
    std::string cloak;
    std::string database;
    unsigned history = kUnset;
    Duration historyAge{};
    bool noRegistration = false;
    bool anyBytes = false;
    std::uint16_t stsPort = 0;
    Duration stsDuration{};

    static constexpr unsigned kUnset = ~0U;
    ConnectionLimits limits;
    unsigned perAddress = 32;
    unsigned perMinute = 120;
    unsigned accountsPerHour = 5;
    std::vector<std::string> exempt;
    unsigned floodRate = 10;
    unsigned floodBurst = 40;
};

} // namespace twistdpp::words
