#include "twistdpp/daemon/command.h"

#include "twistdpp/app/start_folder.h"
#include "twistdpp/daemon/configuration.h"
#include "twistdpp/daemon/predecessor.h"
#include "twistdpp/daemon/runner.h"
#include "twistdpp/daemon/signals.h"
#include "twistdpp/daemon/started_as.h"

#include <cstdio>

namespace twistdpp {

namespace {

int print(const std::string& text) {
    std::fputs(text.c_str(), stdout);
    return std::fflush(stdout) == 0 ? 0 : static_cast<int>(ExitCode::os);
}

int complain(const StartFailure& failure, Predecessor* predecessor) {
    if (predecessor)
        predecessor->failed(failure);
    std::fprintf(stderr, "twistdpp: %s\n", failure.message.c_str());
    return static_cast<int>(failure.code);
}

} // namespace

int daemonMain(int argc, char** argv) {
    HandOver handOver;
    auto found = Predecessor::find(handOver);
    if (!found)
        return complain(found.error(), nullptr);
    std::unique_ptr<Predecessor> predecessor = std::move(*found);
    const StartedAs start = StartedAs::now(argc, argv);
    catchSignals();
    startFolder();
    auto configuration = readConfiguration(start.options());
    if (!configuration)
        return complain(configuration.error(), predecessor.get());
    if (!configuration->answer.empty())
        return print(configuration->answer);
    for (const ConfiguredService& service : configuration->services) {
        auto answer = service.config->answer();
        if (!answer)
            return complain(StartFailure::from(answer.error(), ExitCode::unavailable), predecessor.get());
        if (!answer->empty())
            return print(*answer);
    }
    if (configuration->runner->check) {
        if (auto checked = checkServices(*configuration); !checked)
            return complain(checked.error(), predecessor.get());
        std::puts("twistdpp: options, files and services are in order");
        return 0;
    }
    Runner runner(start, handOver, predecessor.get(), std::move(*configuration));
    if (auto prepared = runner.prepare(); !prepared)
        return complain(prepared.error(), predecessor.get());
    return runner.run();
}

} // namespace twistdpp
