#pragma once
#include "twistdpp/app/service_maker.h"
#include "twistdpp/daemon/exit_code.h"
#include "twistdpp/daemon/runner_options.h"

#include <memory>
#include <string>
#include <vector>

namespace twistdpp {

/// One service that was asked for, with its options filled.
struct ConfiguredService {
    const ServiceMaker* maker = nullptr;
    std::unique_ptr<ServiceConfig> config;
    std::unique_ptr<OptionSet> options;
};

/// All that the command line, the environment and the configuration file say, checked. Made at the start, and
/// anew at each reload.
struct Configuration {
    std::unique_ptr<RunnerOptions> runner = std::make_unique<RunnerOptions>();
    std::unique_ptr<OptionSet> runnerOptions = std::make_unique<OptionSet>();
    std::vector<ConfiguredService> services;
    /// Set when only this is asked for (--help, --version): print it and exit.
    std::string answer;
};

/// `arguments` are those of main() without the program's name. Loads the plugins named in them, once a
/// process.
Result<Configuration, StartFailure> readConfiguration(const std::vector<std::string>& arguments);

} // namespace twistdpp
