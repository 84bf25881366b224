#include "support/expect.h"
#include "twistdpp/defer/diagnostics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace twistdpp::test {

namespace {

std::size_t expectedErrors = 0;

// Compares what is left behind at a test's end with what was there at its beginning. Fixtures are gone by
// then, so whatever is still alive belongs to no one.
class DeferWatch final : public testing::EmptyTestEventListener {
    void OnTestStart(const testing::TestInfo&) override {
        expectedErrors = 0;
        errors_ = unhandledErrors();
        states_ = liveStates();
    }

    void OnTestEnd(const testing::TestInfo&) override {
        const std::size_t errors = unhandledErrors() - errors_;
        EXPECT_EQ(errors, expectedErrors)
            << "Failures that no one took; a test that means it says expectUnhandledErrors(n)";
        if (liveStates() > states_)
            ADD_FAILURE() << liveStates() - states_
                          << " Deferred(s) or coroutine(s) still pending at the test's end";
    }

    std::size_t errors_ = 0;
    std::size_t states_ = 0;
};

} // namespace

void expectUnhandledErrors(std::size_t count) {
    expectedErrors = count;
}

} // namespace twistdpp::test

int main(int argc, char** argv) {
    testing::InitGoogleMock(&argc, argv);
    // Behind the printer: ends are told in reverse order, so that it prints the verdict of the watch too.
    testing::UnitTest::GetInstance()->listeners().Append(new twistdpp::test::DeferWatch);
    return RUN_ALL_TESTS();
}
