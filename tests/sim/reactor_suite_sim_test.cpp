// layers:
// The simulated reactor must do what a real one does, whatever the seed.
#include "support/reactor_suite_flow.h"
#include "support/reactor_suite_rest.h"
#include "support/reactor_suite_streams.h"
#include "support/reactor_suite_system.h"
#include "twistdpp/sim/sim_reactor.h"

namespace twistdpp::test {

namespace {

std::vector<std::string> seeds(int first, int last, const std::string& more) {
    std::vector<std::string> reactors;
    for (int seed = first; seed <= last; ++seed)
        reactors.push_back("sim:seed=" + std::to_string(seed) + more);
    return reactors;
}

SimReactor& simOf(Bench& bench) {
    return dynamic_cast<SimReactor&>(*bench.reactor);
}

void perform(SimChild& child, Play play) {
    switch (play) {
    case Play::echo:
        child.onInput([&child](Bytes data) { child.out(data); });
        return child.onInputClosed([&child] { child.exit(0); });
    case Play::speak:
        child.out("out");
        child.err("err");
        return child.exit(3);
    case Play::flood:
        for (std::size_t sent = 0; sent < kFlood; sent += kFlood / 16)
            child.out(std::string(kFlood / 16, 'x'));
        return child.exit(0);
    case Play::linger:
        return;
    }
}

} // namespace

ProcessSpec childFor(Bench& bench, Play play) {
    simOf(bench).setChildProgram([play](SimChild& child) { perform(child, play); });
    return ProcessSpec("/bin/program", {});
}

void raiseSignal(Bench& bench, int signal) {
    EXPECT_TRUE(simOf(bench).raiseSignal(signal));
}

void fileChanged(Bench& bench, const std::string& path) {
    simOf(bench).touch(path);
}

INSTANTIATE_TEST_SUITE_P(
    Sim, ReactorSuite,
    testing::Values(
        ReactorList{"Seeds1To50", seeds(1, 50, ""), std::chrono::milliseconds(1000)},
        ReactorList{"Calm", {"sim:calm"}}, ReactorList{"Bytewise", seeds(1, 5, ",bytewise")},
        ReactorList{"SmallWindow", seeds(1, 5, ",window=1000,cut=0.5,stall=0.3")}
    ),
    reactorListName
);

} // namespace twistdpp::test
