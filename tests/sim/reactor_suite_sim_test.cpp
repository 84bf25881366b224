// layers:
// The simulated reactor must do what a real one does, whatever the seed.
#include "support/reactor_suite_flow.h"
#include "support/reactor_suite_rest.h"
#include "support/reactor_suite_streams.h"

namespace twistdpp::test {

namespace {

std::vector<std::string> seeds(int first, int last, const std::string& more) {
    std::vector<std::string> reactors;
    for (int seed = first; seed <= last; ++seed)
        reactors.push_back("sim:seed=" + std::to_string(seed) + more);
    return reactors;
}

} // namespace

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
