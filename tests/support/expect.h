#pragma once
#include <cstddef>

namespace twistdpp::test {

/// The running test will leave exactly `count` Failures that no one takes. Without this call a test that
/// leaves one fails, as does one that expected some which did not come.
void expectUnhandledErrors(std::size_t count);

} // namespace twistdpp::test

namespace twistdpp {
using test::expectUnhandledErrors;
} // namespace twistdpp
