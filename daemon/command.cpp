#include "twistdpp/daemon/command.h"

#include "twistdpp/app/start_folder.h"
#include "twistdpp/daemon/configuration.h"
#include "twistdpp/daemon/runner.h"
#include "twistdpp/daemon/signals.h"

#include <cstdio>

namespace twistdpp {

namespace {

int print(const std::string& text) {
    std::fputs(text.c_str(), stdout);
    return std::fflush(stdout) == 0 ? 0 : static_cast<int>(ExitCode::os);
}

int complain(const StartFailure& failure) {
    std::fprintf(stderr, "twistdpp: %s\n", failure.message.c_str());
    return static_cast<int>(failure.code);
}

} // namespace

int daemonMain(int argc, char** argv) {
    catchSignals();
    startFolder();
    const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
    auto configuration = readConfiguration(arguments);
    if (!configuration)
        return complain(configuration.error());
    if (!configuration->answer.empty())
        return print(configuration->answer);
    for (const ConfiguredService& service : configuration->services) {
        auto answer = service.config->answer();
        if (!answer)
            return complain(StartFailure::from(answer.error(), ExitCode::unavailable));
        if (!answer->empty())
            return print(*answer);
    }
    if (configuration->runner->check) {
        if (auto checked = checkServices(*configuration); !checked)
            return complain(checked.error());
        std::puts("twistdpp: options, files and services are in order");
        return 0;
    }
    Runner runner(arguments, std::move(*configuration));
    if (auto prepared = runner.prepare(); !prepared)
        return complain(prepared.error());
    return runner.run();
}

} // namespace twistdpp
