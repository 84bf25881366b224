#include "support/reactor_suite_flow.h"
#include "support/reactor_suite_rest.h"
#include "support/reactor_suite_streams.h"

namespace twistdpp::test {

INSTANTIATE_TEST_SUITE_P(Uv, ReactorSuite, testing::Values(ReactorList{"Real", {"uv"}}), reactorListName);

} // namespace twistdpp::test
