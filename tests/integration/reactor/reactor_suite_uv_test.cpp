#include "support/reactor_suite_flow.h"
#include "support/reactor_suite_rest.h"
#include "support/reactor_suite_streams.h"
#include "support/reactor_suite_system.h"

namespace twistdpp::test {

ProcessSpec childFor(Bench&, Play play) {
    const auto shell = [](std::string script) {
        return ProcessSpec("/bin/sh", {"sh", "-c", std::move(script)});
    };
    switch (play) {
    case Play::echo:
        return ProcessSpec("cat", {});
    case Play::speak:
        return shell("printf out; printf err >&2; exit 3");
    case Play::flood:
        return shell("head -c " + std::to_string(kFlood) + " /dev/zero | tr '\\0' x");
    case Play::linger:
        return shell("exec sleep 60");
    }
    return shell("exit 99");
}

void raiseSignal(Bench&, int signal) {
    ::kill(::getpid(), signal);
}

void fileChanged(Bench&, const std::string&) {} // it is watched for real

INSTANTIATE_TEST_SUITE_P(Uv, ReactorSuite, testing::Values(ReactorList{"Real", {"uv"}}), reactorListName);

} // namespace twistdpp::test
